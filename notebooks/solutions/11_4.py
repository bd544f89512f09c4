# Exercise 11-4
def importance_bound(x, encoder, decoder, sigma, k):
    mean, log_variance = encoder(x).chunk(2, dim=1)
    log_weights = []
    for _ in range(k):
        epsilon = torch.randn_like(mean)
        z = mean + (log_variance / 2).exp() * epsilon
        log_prior = -z.square().sum(1) / 2  # the constants of p(z) and q(z | x) cancel
        log_q = -(epsilon.square() + log_variance).sum(1) / 2
        log_weights.append(log_likelihood(x, decoder(z), sigma) + log_prior - log_q)
    return torch.logsumexp(torch.stack(log_weights), dim=0) - math.log(k)  # (N,)

# Exercise 11-2
def bound_broken(x, encoder, decoder, sigma):
    mean, log_variance = encoder(x).chunk(2, dim=1)
    z = mean + (log_variance / 2).exp() * torch.randn_like(mean)  # the root of the variance
    squares = (x - decoder(z)).square().flatten(1)
    reconstruction = -squares.sum(1) / (2 * sigma**2)  # all pixels add up
    reconstruction -= squares.shape[1] / 2 * math.log(2 * math.pi * sigma**2)  # the constant
    kl = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(1)  # and all of z
    return reconstruction - kl  # (N,)


bound_repaired = bound_broken

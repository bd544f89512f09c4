# Exercise 02-5
def my_training(G, D, batches, steps, rate, latent_dim):
    adam_G, adam_D = (Adam(net.parameters(), lr=rate, betas=(0.5, 0.9)) for net in (G, D))
    for _ in range(steps):
        real = next(batches)
        fake = G(torch.randn(len(real), latent_dim)).detach()
        loss = softplus(-D(real)).mean() + softplus(D(fake)).mean()
        adam_D.zero_grad()
        loss.backward()
        adam_D.step()
        loss = softplus(-D(G(torch.randn(len(real), latent_dim)))).mean()
        adam_G.zero_grad()
        loss.backward()
        adam_G.step()

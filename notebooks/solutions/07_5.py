# Exercise 07-5
def turn(G, D, adam_G, adam_D, batches, gamma, latent_dim=2):
    """Update the discriminator once, then the generator once."""
    real = next(batches)
    fake = G(torch.randn(len(real), latent_dim, device=real.device)).detach()
    loss = softplus(-(D(real) - D(fake))).mean() + both_slopes(D, real, fake, gamma)
    adam_D.zero_grad()
    loss.backward()
    adam_D.step()
    fake = G(torch.randn(len(real), latent_dim, device=real.device))  # fresh z, with its graph
    loss = softplus(-(D(fake) - D(real))).mean()
    adam_G.zero_grad()
    loss.backward()
    adam_G.step()

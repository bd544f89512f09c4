# Exercise 05-5
def turn(G, f, adam_G, adam_f, batches, penalty, n_critic, latent_dim=2):
    """Update the critic n_critic times, then the generator once."""
    for _ in range(n_critic):
        real = next(batches)  # fresh for every update
        fake = G(torch.randn(len(real), latent_dim, device=real.device)).detach()
        loss = f(fake).mean() - f(real).mean() + penalty(f, real, fake)
        adam_f.zero_grad()
        loss.backward()
        adam_f.step()
    loss = -f(G(torch.randn(len(real), latent_dim, device=real.device))).mean()
    adam_G.zero_grad()
    loss.backward()
    adam_G.step()

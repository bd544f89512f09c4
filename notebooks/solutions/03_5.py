# Exercise 03-5
def train_least_squares(G, D, draw_real, steps, lr=2e-3):
    adam_G, adam_D = (Adam(each.parameters(), lr=lr, betas=(0.5, 0.9)) for each in (G, D))
    for _ in range(steps):
        fake = G(torch.randn(128, 1)).detach()  # D's update must not reach G
        loss = 0.5 * (D(draw_real(128)) - 1).square().mean() + 0.5 * D(fake).square().mean()
        adam_D.zero_grad()
        loss.backward()
        adam_D.step()
        loss = 0.5 * (D(G(torch.randn(128, 1))) - 1).square().mean()  # fresh latents, not detached
        adam_G.zero_grad()
        loss.backward()
        adam_G.step()
    return G

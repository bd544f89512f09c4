# Exercise 11-5
def search(G, x, starts, steps):
    n = len(x)
    z = torch.randn(starts * n, G.latent_dim, device=x.device, requires_grad=True)
    adam = torch.optim.Adam([z], 0.1)
    wanted = x.repeat(starts, *[1] * (x.ndim - 1))  # every image, once for each start
    for _ in range(steps):
        squares = (G(z) - wanted).square().flatten(1).sum(1)
        adam.zero_grad()
        squares.sum().backward(inputs=[z])
        adam.step()
    with torch.no_grad():
        squares = (G(z) - wanted).square().flatten(1).sum(1)
    best = squares.reshape(starts, n).argmin(0)  # for each image by itself
    return z.detach().reshape(starts, n, -1)[best, torch.arange(n, device=x.device)]

# Exercise 05-4
def r1(critic, real, fake, weight=1.0):
    """Return gamma / 2 times the mean squared slope at the real samples; fake is not used."""
    points = real.detach().clone().requires_grad_()  # (N, ...)
    (gradient,) = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
    return weight / 2 * gradient.flatten(1).square().sum(1).mean()

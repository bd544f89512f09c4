# Exercise 03-1
def target_losses(real_scores, fake_scores, a, b, c):
    real_part = 0.5 * (real_scores - b).square().mean()  # 1/2 E[(D(x) - b)^2]
    fake_part = 0.5 * (fake_scores - a).square().mean()  # 1/2 E[(D(G(z)) - a)^2]
    generator = 0.5 * (fake_scores - c).square().mean()  # 1/2 E[(D(G(z)) - c)^2]
    return torch.stack([real_part + fake_part, generator])

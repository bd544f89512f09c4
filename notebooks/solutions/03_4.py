# Exercise 03-4
def broken_losses(real_scores, fake_scores):
    d_real, d_fake = real_scores, fake_scores  # raw: no sigmoid
    loss_d = 0.5 * (d_real - 1).square().mean() + 0.5 * d_fake.square().mean()  # square, then mean
    loss_g = 0.5 * (d_fake - 1).square().mean()  # the generator wants D to say 1
    return torch.stack([loss_d, loss_g])


repaired_losses = broken_losses

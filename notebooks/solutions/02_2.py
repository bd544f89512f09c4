# Exercise 02-2
def my_generator_loss(fake_scores):
    return torch.nn.functional.softplus(-fake_scores).mean()  # -log sigma(o) = softplus(-o)

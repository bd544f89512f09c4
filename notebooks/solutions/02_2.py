# Exercise 02-2
def smoothed_loss(real_scores, fake_scores):
    of_real = 0.9 * softplus(-real_scores) + 0.1 * softplus(real_scores)
    return of_real.mean() + softplus(fake_scores).mean()


# For one x the loss is -0.9 p log D - (0.1 p + q) log(1 - D), least at D = 0.9 p / (p + q):
# where p = q, D(x) = 0.45.

# Exercise 03-6
def fresh_adam(gan):
    gan.discriminator_optimizer.state.clear()


def fast_discriminator(gan):
    for group in gan.discriminator_optimizer.param_groups:
        group["lr"] *= 5


for each in (fresh_adam, fast_discriminator):
    print(each.__name__, np.round(after(NON_SATURATING, each), 2))  # W1; lost is above 1
# Stale averages are not it: without them the seeds are lost too. A faster discriminator returns.
experiment = {"fresh_adam": "lost", "fast_discriminator": "returned"}

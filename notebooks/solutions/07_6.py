# Exercise 07-6
def schedule(k, n):
    """Return the step size at step k of n: large while far away, small while the noise rules."""
    return 0.12 * (1 - k / n)

# Exercise 06-6
def power(a, b, seeds, studies=400):
    """Return the share of imagined studies in which p <= 0.05."""
    rng = np.random.default_rng()
    found = [stats.mannwhitneyu(rng.choice(a, seeds), rng.choice(b, seeds)) for _ in range(studies)]
    return np.mean([each.pvalue <= 0.05 for each in found])

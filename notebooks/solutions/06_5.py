# Exercise 06-5
def holm(p):
    """Return the corrected p-values (k,), in the order of p."""
    order = np.argsort(p)
    factors = np.arange(len(p), 0, -1)  # k for the smallest, then k - 1, ..., 1
    corrected = np.empty(len(p))
    corrected[order] = np.maximum.accumulate(np.minimum(factors * p[order], 1))
    return corrected

# Exercise 06-2
def coverage(real, fake, k=3):
    """Return the share of real samples whose ball holds at least one fake."""
    radius = np.sort(cdist(real, real), axis=1)[:, k]  # (n,): to the k-th nearest other
    return (cdist(real, fake).min(axis=1) <= radius).mean()

# Exercise 07-3
def paired_value(p, q):
    """Return d_Rp of two histograms, in nats."""
    pairs, swapped = np.outer(p, q), np.outer(q, p)  # (n, n): real and fake, fake and real
    both = pairs + swapped
    halves = [(each * np.log(2 * each / both)).sum() for each in (pairs, swapped)]
    return sum(halves) / 2  # JS: the mean of the two KL to the mean

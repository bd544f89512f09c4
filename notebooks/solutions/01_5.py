# Exercise 01-5
def js_broken(real, fake):
    p, q = real / real.sum(), fake / fake.sum()  # counts become probabilities
    m = (p + q) / 2
    kl_p = np.sum(p[p > 0] * np.log(p[p > 0] / m[p > 0]))  # nats, and 0 log 0 = 0
    kl_q = np.sum(q[q > 0] * np.log(q[q > 0] / m[q > 0]))
    return (kl_p + kl_q) / 2


js_repaired = js_broken

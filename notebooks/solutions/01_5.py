# Exercise 01-5
def js_broken(real, fake):
    p, q = real / real.sum(), fake / fake.sum()  # counts become probabilities
    a = (p + q) / 2
    kl_p = np.sum(p[p > 0] * np.log(p[p > 0] / a[p > 0]))  # nats, and 0 log 0 = 0
    kl_q = np.sum(q[q > 0] * np.log(q[q > 0] / a[q > 0]))
    return (kl_p + kl_q) / 2


js_repaired = js_broken

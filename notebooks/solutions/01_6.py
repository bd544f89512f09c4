# Exercise 01-6
def forge(p, turns=3000, rate=1.0):
    score, logits = np.zeros(6), np.zeros(6)
    for _ in range(turns):
        q = np.exp(logits - logits.max())
        q = q / q.sum()  # softmax
        D = expit(score)
        score = score + rate * (p * (1 - D) - q * D)  # the discriminator climbs V
        c = -log_expit(score)  # non-saturating; minimax: log_expit(-score)
        logits = logits - rate * q * (c - q @ c)  # the generator descends its loss
    return q

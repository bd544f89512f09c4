# Exercise 01-2
def score_gradient(score, p, q):
    d = 1 / (1 + np.exp(-score))  # (n,) D at each point
    # d log(sigmoid(o)) / do = 1 - D   and   d log(1 - sigmoid(o)) / do = -D
    return p * (1 - d) - q * d

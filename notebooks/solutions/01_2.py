# Exercise 01-2
def train_line(real, fake, steps=2000, rate=0.5):
    a, b = 0.0, 0.0
    for _ in range(steps):
        up_real = 1 - expit(a * real + b)  # (n,) dV/do of a real sample is 1 - D
        up_fake = -expit(a * fake + b)  # (n,) dV/do of a generated one is -D
        a_gradient = (up_real * real).mean() + (up_fake * fake).mean()  # do/da = x
        b_gradient = up_real.mean() + up_fake.mean()  # do/db = 1
        a, b = a + rate * a_gradient, b + rate * b_gradient  # uphill
    return a, b


rng = np.random.default_rng(0)
print(train_line(rng.normal(0, 1, 4000), rng.normal(2, 1, 4000)), "against -m, m^2/2 = (-2, 2)")

# Exercise 04-3
# The factor 2 passes LeakyReLU unchanged, once a layer: 2 * 2 * 2. W1 knows no critic.
doubled = {"estimate": 8.0, "slope": 8.0, "w1": 1.0}

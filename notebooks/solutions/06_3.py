# Exercise 06-3
few_modes = [(4, 0), (-4, 0), (0, 4), (0, -4)]  # mean 0, mean squares 16 / 2 = 8, uncorrelated

# Exercise 07-1
by_hand = {
    "critical R1": 2,  # gamma^2 / 4 = g d = 1
    "critical both": 1,  # gamma counts twice
    "slow": -4 / 2 + np.sqrt(4**2 / 4 - 1),  # -2 + sqrt 3 = -0.268, where gamma = 2 has -1
}

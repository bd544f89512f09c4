# Exercise 11-1
log_2_pi = np.log(2 * np.pi)
by_hand = {
    "evidence": -(log_2_pi + np.log(2)) / 2 - 2**2 / (2 * 2),  # x = z + eps ~ N(0, 2)
    "reconstruction": -log_2_pi / 2 - (2**2 + 1) / 2,  # E[(2 - z)^2] = 2^2 + Var z
    "kl": 0,  # q is the prior
    "gap": 1.1534,  # evidence minus ELBO, and KL(N(0, 1) || N(1, 1/2))
}

# Exercise 06-1
by_hand = {
    "high quality": 1 - np.exp(-(1.5**2) / 2),  # 3 sigma are 1.5 of its own widths: 0.675
    "reverse KL": 4 * (1 / 4) * np.log((1 / 4) / (1 / 8)),  # log 2 = 0.693
    "W1": np.hypot(0.3, 0.4),  # every point moves by 0.5
    "Frechet": 0.5**2 + 2 * (2 - 1) ** 2,  # 2.25: means, then both axes
}

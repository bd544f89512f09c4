# Exercise 05-2
slope_of_f = np.hypot(3, 4)  # 5 everywhere
best_slope = 1 + 3 / (2 * 0.5)  # 1 + d / (2 lambda) = 4
by_hand = {
    "penalty": 10 * (slope_of_f - 1) ** 2,  # 160
    "slope": best_slope,
    "estimate": best_slope * 3,  # 12, four times W1
}

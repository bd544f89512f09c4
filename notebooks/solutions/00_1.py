# Exercise 00-1
angles = np.arange(8) * 2 * np.pi / 8  # 0 to 7/8 of a turn: a whole turn is 0 again
centres = 2 * np.stack([np.cos(angles), np.sin(angles)], axis=1)  # (8, 2)

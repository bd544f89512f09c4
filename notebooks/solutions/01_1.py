# Exercise 01-1
D_heads = 0.8 / (0.8 + 0.4)  # real coin 0.8 / 0.2, forger's coin 0.4 / 0.6
D_tails = 0.2 / (0.2 + 0.6)
real_part = 0.8 * np.log(D_heads) + 0.2 * np.log(D_tails)
fake_part = 0.4 * np.log(1 - D_heads) + 0.6 * np.log(1 - D_tails)
coin_answer = {"D_heads": D_heads, "D_tails": D_tails, "value": real_part + fake_part}

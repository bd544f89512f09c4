# Exercise 01-1
# real coin 0.8 / 0.2, fake coin 0.4 / 0.6
d_heads = 0.8 / (0.8 + 0.4)
d_tails = 0.2 / (0.2 + 0.6)
real_part = 0.8 * np.log(d_heads) + 0.2 * np.log(d_tails)
fake_part = 0.4 * np.log(1 - d_heads) + 0.6 * np.log(1 - d_tails)
v = real_part + fake_part
coin_answer = {"d_heads": d_heads, "d_tails": d_tails, "value": v, "js": (v + np.log(4)) / 2}

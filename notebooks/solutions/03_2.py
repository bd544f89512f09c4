# Exercise 03-2
# real coin 0.8 / 0.2, fake coin 0.4 / 0.6
d_heads = 0.8 / (0.8 + 0.4)
d_tails = 0.2 / (0.2 + 0.6)
loss = 0.5 * (0.4 * (d_heads - 1) ** 2 + 0.6 * (d_tails - 1) ** 2)  # fakes alone
delta = (0.8 - 0.4) ** 2 / (0.8 + 0.4) + (0.2 - 0.6) ** 2 / (0.2 + 0.6)
coin_answer = {"d_heads": d_heads, "d_tails": d_tails, "generator_loss": loss}
coin_answer |= {"delta": delta, "c": 1 / 4 + delta / 8}

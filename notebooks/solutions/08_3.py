# Exercise 08-3
hinge_by_hand = {
    "discriminator": (0 + 0.5 + 1.5) / 3 + (0 + 1.5 + 1) / 3,  # 1.5
    "generator": -(-1.5 + 0.5 + 0) / 3,  # 1/3
    "push": 4,  # all but the scores 1.5 and -1.5
    "at zero": 1 + 1,
}

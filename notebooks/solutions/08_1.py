# Exercise 08-1
by_hand = {
    "side": (14 - 1) * 2 - 2 * 2 + 5,  # 27
    "output_padding": 1,
    "weights": 64 * 32 * 5 * 5,  # 51 200
    "most": 3 * 3,  # along a side 3 or 2 of the kernel's 5 places meet an input
    "least": 2 * 2,
}

# Exercise 10-1
by_hand = {
    "weights": [3 / 5, 4 / 5],  # divided by sqrt(9 + 16)
    "variance": 0.6**2 + 0.8**2,
    "doubled": [6 / 10, 8 / 10],  # the norm doubles too
    "plain variance": 3**2 + 4**2,
}

# Exercise 04-1
# F_p - F_q is 1/2 on both gaps, which are 1 and 2 wide; f falls with slope 1 all the way.
by_hand = {"w1": 1.5, "tv": 0.5, "js": 0.5 * np.log(2), "critic": [0.0, -1.0, -3.0]}

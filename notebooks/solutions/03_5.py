# Exercise 03-5
# b - a = 2 with a = 0 gives b = 2; b - c = 1 gives c = 1.
# C = (0 + 2 - 2)^2 / 4 + 2^2 / 8 * Delta = Delta / 2, and Delta runs from 0 to 2.
coding = {"b": 2, "c": 1, "at_the_goal": 0, "no_overlap": 1}

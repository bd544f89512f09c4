# Exercise 02-1
# real: D = 3/4 twice. fakes: D = 1/4 and 1/2.
# L_D = -log(3/4) - (log(3/4) + log(1/2)) / 2 = 0.288 + (0.288 + 0.693) / 2
# L_G = -(log(1/4) + log(1/2)) / 2 = (1.386 + 0.693) / 2
my_losses = {"L_D": 0.778, "L_G": 1.040}

# Exercise 01-3
# D / (1 - D) = e^o, since D = 1 / (1 + e^-o): the ratio is 1/100 at o = log(1/100).
o_there = np.log(1 / 100)
saturation_answer = {"score": o_there, "D": 1 / (1 + np.exp(-o_there))}

# Exercise 02-4
# The fakes have nearly the law of the data, so the best discriminator is nearly 1/2 everywhere.
my_prediction = "stays"

# Exercise 10-4
predictions = {"a": "no change", "b": "one picture", "c": "no change", "d": "change"}

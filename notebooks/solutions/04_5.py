# Exercise 04-5
readings = {"a": False, "b": False, "c": True, "d": False}

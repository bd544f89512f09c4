# Exercise 09-3
pipelines = {
    "a": "leaks",  # D compares T(x) with G(z)
    "b": "does not leak",  # T in both updates
    "c": "no gradient",  # rounding has slope 0
    "d": "undecided",  # T makes digits in the middle and digits anywhere alike
    "e": "does not leak",  # half pass unchanged, so T can be undone
}

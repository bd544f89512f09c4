# Exercise 11-3
predictions = {
    "a": "rises",  # wrong pixels are dearer: it pays to say more in z
    "b": "falls",  # a nat of KL costs four times as much
    "c": "falls",  # the reconstruction divided by 784: sigma 28 times as large
    "d": "stays",  # beta sigma^2 = 4 (sigma / 2)^2 is what it was
    "e": "stays",  # a constant has no gradient
}

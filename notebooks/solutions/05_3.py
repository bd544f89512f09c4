# Exercise 05-3
predictions = {
    "a": "circles",  # inside the bound nothing acts: eigenvalues +- i
    "b": "circles",  # lambda < 1: complex eigenvalues, it crosses psi = 0 again and again
    "c": "rests away",  # lambda >= 1: at a distance of 2 lambda = 4
    "d": "converges",  # -1/4 +- sqrt(1/16 - 1): negative real part
}

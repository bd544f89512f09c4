# Exercise 01-4
# a: |1 + 0.5 i/2| = sqrt(1 + 1/16) > 1.     b: determinant 1, trace 2 - 1/16 inside [-2, 2].
# c: trace 2 - 25/4 = -4.25, outside.        d: |1 + 0.5 (-0.25 + 0.433i)| = 0.901 < 1.
predictions = {"a": "diverges", "b": "circles", "c": "diverges", "d": "converges"}

# Exercise 07-2
fates = {
    "a": "stays away",  # simultaneous: |mu|^2 = 1 - h gamma + h^2 / 4 = 1.15
    "b": "arrives",  # alternating: |mu|^2 = 1 - h gamma = 0.9
    "c": "stays away",  # smaller steps go round the same circle more slowly
    "d": "stays away",  # 1 - h gamma = -1.4: the discriminator's own step overshoots
}

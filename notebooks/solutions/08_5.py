# Exercise 08-5
def normalise(network):
    for layer in list(network.modules()):  # at any depth
        if isinstance(layer, (nn.Conv2d, nn.Linear)):  # matrices, not scales
            spectral_norm(layer)


normalise_repaired = normalise

# Exercise 10-6
def only_slant(w, slant, width):
    """Return the unit direction that changes the slant most of those that leave the width alone."""
    inputs = torch.cat([w, torch.ones_like(w[:, :1])], 1)  # a constant beside w
    both = torch.linalg.lstsq(inputs, torch.stack([slant, width], 1)).solution[:-1]  # (w_dim, 2)
    of_slant, of_width = both.T
    left = of_slant - (of_slant @ of_width) / (of_width @ of_width) * of_width
    return left / left.norm()

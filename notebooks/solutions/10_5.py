# Exercise 10-5
def path_lengths(synthesis, w):
    """Return |J^T y| for each w, (N,), with one y ~ N(0, I) each, ready to be minimised."""
    images = synthesis(w)  # (N, ...)
    y = torch.randn_like(images)
    (product,) = torch.autograd.grad((images * y).sum(), w, create_graph=True)  # J^T y, (N, w_dim)
    return (product.square().sum(1) + 1e-12).sqrt()

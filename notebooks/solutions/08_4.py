# Exercise 08-4
def transposed_convolution(x, kernel, stride):
    """Return the transposed convolution of x (n,) with kernel (k,): ((n - 1) stride + k,)."""
    out = x.new_zeros((len(x) - 1) * stride + len(kernel))
    for i in range(len(x)):
        out[i * stride : i * stride + len(kernel)] += x[i] * kernel
    return out

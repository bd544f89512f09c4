# Exercise 10-3
def edit_broken(mapping, w_mean, score, z, psi, rate, steps):
    z = z / z.norm(dim=1, keepdim=True) * z.shape[1] ** 0.5  # length sqrt(d)
    w = w_mean + psi * (mapping(z) - w_mean)  # from the mean of w, not from 0
    w = w.detach().requires_grad_()
    for _ in range(steps):
        (gradient,) = torch.autograd.grad(score(w).sum(), w)  # a fresh one each time
        w.data += rate * gradient
    return w.detach()


edit_repaired = edit_broken

# Exercise 02-5
def my_path(start, end, t):
    angle = torch.acos(start @ end / (start.norm() * end.norm()))
    t = t[:, None]  # (n, 1)
    return (torch.sin((1 - t) * angle) * start + torch.sin(t * angle) * end) / torch.sin(angle)

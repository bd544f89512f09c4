# Exercise 04-5
def transport_cost(x, y):
    """Return W1 between two samples in the plane."""
    n, m = len(x), len(y)
    cost = np.linalg.norm(x[:, None] - y, axis=2)  # (n, m)
    leaves = np.kron(np.eye(n), np.ones(m))  # (n, n m): row i adds up T[i, :]
    arrives = np.kron(np.ones(n), np.eye(m))  # (m, n m): row j adds up T[:, j]
    masses = np.r_[np.full(n, 1 / n), np.full(m, 1 / m)]
    return linprog(cost.ravel(), A_eq=np.vstack([leaves, arrives]), b_eq=masses).fun

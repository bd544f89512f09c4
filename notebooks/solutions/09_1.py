# Exercise 09-1
from scipy.special import rel_entr


def js(p, q):  # shares of heads of two coins, in nats
    p, q = np.array([p, 1 - p]), np.array([q, 1 - q])
    return (rel_entr(p, (p + q) / 2).sum() + rel_entr(q, (p + q) / 2).sum()) / 2


my_coins = {
    "told": (js(0.9, 0.5) + js(0.1, 0.5)) / 2,  # 0.1017 for either coin
    "not told": js(0.5, 0.5),  # half of all throws are heads, real and generated: 0
    "D of heads": 0.9 / (0.9 + 0.5),  # 9/14
}

# Exercise 01-4
def dirac_r1(theta, psi, rate, gamma, steps):
    path = [(theta, psi)]
    for _ in range(steps):
        psi = psi + rate * (-theta * expit(psi * theta) - gamma * psi)  # up V, held back by R1
        theta = theta + rate * psi * expit(psi * theta)  # down V, at the new psi
        path.append((theta, psi))
    return np.array(path)


# Slowest real part: -0.15 for 0.3, -0.5 for 1, -1.5 + sqrt(2) = -0.086 for 3: gamma = 1 wins.
for gamma in (0.3, 1.0, 3.0):
    away = np.hypot(*dirac_r1(1.0, 0.0, 0.2, gamma, 150)[-1])
    print(f"gamma {gamma}: {away:.5f} away after 150 steps")

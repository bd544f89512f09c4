# Exercise 03-3
# The score at x = -5 is 0 + 7 (cross-entropy, Wasserstein) or 1/2 + 7 (least squares), and D rises
# to the left, so "raise the score" means left.
#   minimax: raise it, with sigmoid(7) = 0.999.     non-saturating: raise it, with 0.0009.
#   least squares: 7.5 is above 1, so lower it.     Wasserstein: raise it, with 1.
pushes = {"minimax": "left", "non-saturating": "nowhere"}
pushes |= {"least squares": "right", "Wasserstein": "left"}

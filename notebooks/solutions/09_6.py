# Exercise 09-6
def told_fairly(validation, test):
    """Return for each seed the test accuracy of the setting chosen on validation, (seeds,)."""
    chosen = validation.argmax(axis=1)  # (seeds,), without a look at the test part
    return test[np.arange(len(test)), chosen]

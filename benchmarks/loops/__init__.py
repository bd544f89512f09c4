"""What is timed: the workloads, the loops over them, and the least that such a loop must do."""

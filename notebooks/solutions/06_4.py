# Exercise 06-4
culprits = {
    "A": "half the modes",  # precise, and half of the real samples are not reached
    "B": "copies",  # nothing is wrong but the distance to the training points
    "C": "one point a mode",  # every sample perfect, recall 0
    "D": "one Gaussian",  # hardly one of high quality, and a Frechet distance near the floor
}

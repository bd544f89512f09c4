"""Pictures of `02_vanilla_gan.ipynb`."""

"""Pictures of the theory: plain functions of their parameters that return a `Picture`.

They are found by their notebook's name; what several notebooks draw is in `_shared`.

=======================================  =====================================================
`01_minimax_value_function.ipynb`        `gan_helpers.figures.minimax_value_function`
`02_vanilla_gan.ipynb`                   `gan_helpers.figures.vanilla_gan`
`03_lsgan.ipynb`                         `gan_helpers.figures.lsgan`
`04_wgan.ipynb`                          `gan_helpers.figures.wgan`
`05_wgan_gp.ipynb`                       `gan_helpers.figures.wgan_gp`
`06_which_gan.ipynb`                     `gan_helpers.figures.which_gan`
`07_convergence.ipynb`                   `gan_helpers.figures.convergence`
`08_convolution_and_attention.ipynb`     `gan_helpers.figures.convolution_and_attention`
`09_conditions_and_augmentation.ipynb`   `gan_helpers.figures.conditions_and_augmentation`
`10_style_and_latent_space.ipynb`        `gan_helpers.figures.style_and_latent_space`
`11_gan_or_vae.ipynb`                    `gan_helpers.figures.gan_or_vae`
=======================================  =====================================================

Each is a folder of modules, one idea each, which notebooks import by name: a new picture touches
the file it is written in and no list of names.
"""

"""Make the studies: ``python -m gan_helpers.study``; with a file's name, the scoreboard there."""

import sys

from gan_helpers.study import augmentation, convolution, gan_or_vae, pairing, scoreboard

if __name__ == "__main__":
    scoreboard.main(*sys.argv[1:])
    if not sys.argv[1:]:
        for each in (pairing, convolution, augmentation, gan_or_vae):
            each.main()

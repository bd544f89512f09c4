"""Train the shipped models: ``python -m gan_helpers.models``, or ``... FILE STEPS SEED``."""

import sys

from gan_helpers.models.style_digits import main

if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:]))

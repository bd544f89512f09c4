"""Train the shipped models: ``python -m gan_helpers.models``, or ``... FILE STEPS SEED``."""

import sys

from gan_helpers.models.style_digits import SHIPPED, main

if __name__ == "__main__":
    path, *numbers = sys.argv[1:] or [str(SHIPPED)]
    main(path, *map(int, numbers))

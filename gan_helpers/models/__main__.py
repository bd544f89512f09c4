"""Train the shipped models: ``python -m gan_helpers.models``, or with another file's name."""

import sys

from gan_helpers.models.style_digits import SHIPPED, main

if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else SHIPPED)

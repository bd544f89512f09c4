"""Make the scoreboard: ``python -m gan_helpers.study``, or with the name of another file."""

import sys

from gan_helpers.study.scoreboard import main

if __name__ == "__main__":
    main(*sys.argv[1:])

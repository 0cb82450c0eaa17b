"""The command `d2laug` as `python -m d2laug`."""

import sys

from d2laug.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""`python -m edactl` is `edactl`."""

import sys

from edactl.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""`python -m netc` is `netc`."""

import sys

from netc.start import main

sys.exit(main())

"""`python -m jpreport`: the command line."""

import sys

from jpreport.cli import main

sys.exit(main())

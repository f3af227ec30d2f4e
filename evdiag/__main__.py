"""``python -m evdiag``."""

from evdiag.cli import main

main()

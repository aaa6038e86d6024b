"""`python -m harvester` is the barometer command."""

from harvester.cli import main

main()

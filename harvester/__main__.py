"""`python -m harvester` is the barometer command."""

from harvester.cli import main

if __name__ == "__main__":  # a validating worker imports this module again; it must not start a second scan
    main()

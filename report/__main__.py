"""`python -m diptych`: the same as `diptych`."""

from .cli import main

if __name__ == "__main__":
    main()

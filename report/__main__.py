"""`python -m report`: the same as `diptych`."""

from report.cli import main

if __name__ == "__main__":
    main()

"""`python -m lifeseg`: the command line."""

from lifeseg.cli import main

if __name__ == "__main__":
    main()

"""`python -m dmopt`: the same as the command `dmopt`."""

from dmopt.cli import main

if __name__ == "__main__":
    main()

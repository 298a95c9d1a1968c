"""`python -m ringfence` is the `ringfence` command."""

from ringfence.cli.main import main

if __name__ == "__main__":
    main()

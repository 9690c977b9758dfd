"""`python -m sostenuto` is the command `sostenuto`."""

from sostenuto.cli import main

if __name__ == "__main__":
    main()

"""``python -m signalopt`` is the same as ``signalopt``."""

from signalopt.cli.main import main

if __name__ == "__main__":
    main()

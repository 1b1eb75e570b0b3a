"""``python -m bot`` is ``sayso``."""

import sys


def main() -> None:
    """Runs the command line; Ctrl-C while it is still being loaded ends it as quietly as later on."""
    try:
        from bot.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()

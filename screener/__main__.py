"""``python -m screener`` is ``lodestone``."""

from screener.cli import main

main(prog_name="lodestone")

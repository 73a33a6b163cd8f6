"""``python -m debate_server`` is the ``debate`` command."""

from debate_server.cli import main

main()

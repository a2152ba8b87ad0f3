"""``python -m crowdsafe``."""

from crowdsafe.cli import main

main()

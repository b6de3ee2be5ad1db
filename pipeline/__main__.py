"""`python -m pipeline` is the `yusuan` command."""

from pipeline.cli import main

main()

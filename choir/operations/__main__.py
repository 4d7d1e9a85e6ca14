"""`python -m choir.operations` is `choir`, without needing the installed script."""

from choir.operations.cli import main

main()

"""One module for each command of `choir`; the command has the module's name (`import_` is `choir import`).

A module has either `command`, a function, or `app`, a Typer with commands of its own (`choir demo load`). It
is found by being here. When it is imported Django is set up, and when it runs the database is there too,
unless it is one of those that look after these themselves (`choir.operations.cli.SELF_RELIANT`).
"""

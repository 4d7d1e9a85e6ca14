"""The command line for operators, and the processes it runs."""

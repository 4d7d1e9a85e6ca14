"""The organisation: workspaces, departments, teams, persons, and what each may see and do."""

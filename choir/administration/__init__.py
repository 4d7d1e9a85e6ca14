"""The organisation as its administrators change it: people, roles, teams, hours; each change recorded."""

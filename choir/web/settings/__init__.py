"""Settings: departments and teams, people and roles, channels and their health, promises and approvals."""

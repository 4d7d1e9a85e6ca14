"""Which department, which team, which person, by when: objectives, ownership, SLA."""

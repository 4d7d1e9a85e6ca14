"""Where Choir lives on a machine: its data directory, its keys, its embedded database. Knows no Django."""

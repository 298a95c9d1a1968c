"""The scale-out store: a PostgreSQL database that may fail over, freeze or restart."""

"""SQLite and Postgres as sources (the extra `databases`)."""

"""SQLite, Postgres and MySQL as sources (the extra `databases`)."""

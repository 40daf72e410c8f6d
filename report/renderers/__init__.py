"""Document -> path -> bytes; nothing is written here."""

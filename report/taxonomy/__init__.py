"""Raw labels -> categories."""

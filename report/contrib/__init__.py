"""The packs of this program (`packs`). Nothing else imports a pack, and no pack uses another."""

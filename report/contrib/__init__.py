"""The packs of this program. A pack uses `diptych.api` and nothing else of the program. No pack uses another."""

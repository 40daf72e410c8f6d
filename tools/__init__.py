"""Programs that make files which are committed: data, presets, fonts. Nothing here is in the wheel."""

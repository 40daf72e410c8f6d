"""A first config, guessed from data files: `diptych init`."""

"""Choose two columns of a table, and write a config for them: `diptych init` and `diptych scan`."""

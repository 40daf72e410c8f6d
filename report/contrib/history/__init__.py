"""Keep the results of builds, show series over time, and say what changed: `snapshots:` and `diptych diff`."""

"""Keep the results of builds, show series over time, and report changes: `snapshots:` and `diptych diff`."""

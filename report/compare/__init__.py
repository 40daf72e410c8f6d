"""What changed between two builds, why, and whether it matters: `diptych diff`."""

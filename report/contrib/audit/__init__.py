"""Draw a sample of classified items for manual review, and correct for misclassification: `diptych audit`."""

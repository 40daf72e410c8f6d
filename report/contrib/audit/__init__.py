"""Have a person judge a sample of classified items, and correct for the errors: `diptych audit`."""

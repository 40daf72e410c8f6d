"""A sample of what the rules have filed, for a person to judge, and what the judgements say: `diptych audit`."""

"""Additional measures for a pair of categories, through the slot `measure`."""

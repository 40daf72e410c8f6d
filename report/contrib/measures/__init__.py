"""More measures of a pair of categories, through the slot `measure`."""

"""Square tables, whose sides have the same categories: bridges and directions, through the slot `finding`."""

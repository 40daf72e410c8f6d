"""`diptych serve`: a report at an address of this machine, built again whenever what it is made of changes."""

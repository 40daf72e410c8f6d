"""Whether a built site comes out again from its config: `diptych verify --rebuild`."""

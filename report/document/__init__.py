"""The document: the content of a report, ready for any renderer. `model` defines the values, the rest builds them."""

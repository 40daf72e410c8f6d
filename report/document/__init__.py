"""The document: what a report says, ready for any renderer; `model` holds the values, the rest builds them."""

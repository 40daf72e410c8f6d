"""Files of the Hugging Face Hub and the web: fetched once, cached by revision, and read as local files."""

"""Files of the Hugging Face Hub and the web: fetched once, kept by revision, read as files of this machine."""

"""The output `docx`: the report as a Word document."""

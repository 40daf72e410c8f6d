"""Excel workbooks as sources (the extra `spreadsheets`)."""

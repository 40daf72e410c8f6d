"""Workbooks of Excel as sources (the extra `spreadsheets`)."""

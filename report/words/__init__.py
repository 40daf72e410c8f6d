"""Words: the English of statements, from noun phrases to the text of a report.

Python finds noun phrases, cases and order, and formats numbers. All other words are in `templates/words/<language>/`:
one block for each form of statement, and one for each part of the report that is no statement.
"""

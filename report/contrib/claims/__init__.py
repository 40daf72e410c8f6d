"""Claims: authored text that is checked against the numbers of the report.

`values` defines the names available in authored text, `parsing` reads it, `predicates` evaluates expressions and
claims, `rendering` inserts values, and `blocks` converts the text to blocks of the document.
"""

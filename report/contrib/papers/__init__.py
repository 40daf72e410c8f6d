"""The report for a paper: its numbers, tables and figures by name, for LaTeX, Typst and Quarto."""

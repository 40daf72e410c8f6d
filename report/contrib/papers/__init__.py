"""The report for a paper: kits for LaTeX and Typst, and its numbers for Quarto."""

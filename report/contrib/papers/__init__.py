"""The report for a paper: kits for LaTeX and Typst."""

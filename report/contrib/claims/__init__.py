"""Claims: text that people write beside the computed text, checked against the numbers.

`values` are what authored text may name, `parsing` reads it, `predicates` judge, `rendering` puts values into it,
`blocks` makes it blocks of the document, `fragility` says how easily a claim would fail.
"""

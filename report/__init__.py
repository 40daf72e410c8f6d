"""Diptych: how the categories of one kind of thing go with the categories of another, in both directions.

Words (one word per idea, in config, code, templates and text)

category    one term of the taxonomy, in the declared order (that order rules every axis)
entity      a kind of thing with an id and raw labels (datasets, models)
taxonomy    rules raw label -> category; an item may have several categories, or none (unlabelled)
relation    how two kinds meet: `links`, `shared` key, `records`, or a published `matrix`
unit        what is counted: a link, a source item, a target item, a record, or the sharing key
population  the units that count; always printed with its size and with what was left out
group       what units share so that they are not independent; intervals keep groups together
stratum     a level within which expected counts are summed, so that composition is not read as affinity
incidence   the table of distinct (row set, column set) patterns and how many units show each: the waist
panel       one matrix: given kind x outcome kind x measure; a figure is panels on one colour scale
measure     a function of joint count, both margins and the number of units
finding     one typed observation with its numbers, interval, cells, threshold and a stable id
claim       a statement in authored prose bound to a predicate over the numbers
snapshot    the results of one dated build, kept for comparison
"""

__version__ = "0.1.0"

"""Statements: the assertions that a report may make about a relation, as records of numbers and cells.

Every assertion has one of the closed list of forms (`record.Form`) and is measured by one function of a table, a
subject and an outcome (`measures`). So it can be measured again on any other table: a stratum, without a group, counted
otherwise, another build (`scope`). Nothing here knows a word of English.
"""

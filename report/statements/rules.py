"""The thresholds of statements. They are part of the grammar of reports and cannot be configured."""

FALSE_DISCOVERY = 0.05
"""The share of false statements accepted among those that are clear."""

FEWEST_UNITS = 20.0
"""The fewest units of a category, and of all others, that a statement may be about."""

LEAST_POINTS, LEAST_TWOFOLD = 0.10, 0.05
"""A difference is worth reporting from 10 points, or from 5 points if one share is at least twice the other."""

SMALLEST_POINT = 0.01
"""The printed interval of a difference lies beyond one point."""

LEAST_COUNT = 5.0
"""The smallest observed or expected count of a difference."""

MUCH = 0.15
"""A difference is much from 15 points and twofold."""

RARE_EXPECTED, RARE_PART = 10.0, 0.25
"""A pair is rare if at least ten are expected, and at most a quarter of them is observed."""

HOMOGENEOUS_P, HOMOGENEOUS_RANGE = 0.20, 0.10
"""Categories are homogeneous if the test of homogeneity has p above 0.2 and their shares lie within 10 points."""

CONTAINED = 0.95
"""A pair of a kind with itself is not compared if this share of one category has the other."""

OVERALL_LARGEST, OVERALL_TITLE = 0.10, 0.60
"""Overall shares are reported if the largest is 10%, and are the title from 60% if nothing is clear."""

EVEN = 1.2
"""Shares are even, and not told, if the largest is below 1.2 times their mean."""

SHRINKS = 0.8
"""A difference within strata is reported with the plain one if it is below this part of it."""

FEWEST_GROUPS, MEDIAN_UNITS, SIGNED_UNITS = 10, 20.0, 5.0
"""Groups are counted if ten or more have both categories, with 20 units in the median one, five of a category."""

HUB_SHARE, HUB_POINTS, FEWEST_MISMATCHES = 0.75, 0.10, 20.0
"""A category is on one side of most mismatches from 75% of at least 20, and 10 points above the expected share."""

LARGEST_LEFT_OUT = 5
"""The number of the largest groups, strata and labels without which statements are measured again."""

RECOUNT_POINTS = 0.10
"""Counting by another unit is reported if a share differs by 10 points."""

UNCOVERED = 0.05
"""The share of units without an answer from which the missing are described."""

MOST_FINDINGS, MOST_LIMITS, MOST_TRENDS, MOST_ROWS = 4, 5, 2, 12
"""The most key findings, limits, further trends, and rows of the table of differences."""

HIGH, LOW = 0.75, 0.30
"""Values of published matrices are high from 75%, and low up to 30%."""

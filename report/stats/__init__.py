"""Certainty: the variance of shares under groups and weights, and one decision rule for statements.

Clusters are drawn independently, and units of one cluster may depend on each other in any way. A unit without a group
is a cluster of its own. Weights are known. Nothing here detects groups that were not declared.

Every share, difference and slope is a function of totals over clusters. Its certainty is an interval at any level, and
p is the level at which this interval just touches "no effect". So the interval and the test of a statement agree by
construction.
"""

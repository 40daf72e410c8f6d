"""What runs inside GitHub Actions: the steps of `action.yml`, and how the program speaks to a workflow's log.

Nothing here needs more than Python itself and git, so that a job that may write needs no package installed.
"""

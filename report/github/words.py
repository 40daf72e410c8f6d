"""Every word that people read in summaries, issues and pull requests."""

from __future__ import annotations

NOT_BUILT = "The report was **not built** (exit status {status}). What was published stays as it was."
BUILT = "The report was built from data of {date}."
BUILT_UNDATED = "The report was built."
STALE = "The newest data are {days} days old; more than {limit} were not expected."
READ = "[Read the report]({url})"
ERRORS = "What is wrong"
MORE_ERRORS = "… and {n} more, in the log."
CLAIMS = "Claims that are false"
CLAIMS_FATE = {
    "withdraw": "A notice stands in place of each of these sentences in the report.",
    "mark": "Each of these sentences stands in the report, marked as no longer so.",
    "": "The config says what becomes of such a sentence.",
}
CHANGES = "What changed"
FIRST = "There is nothing to compare with yet: this is the first snapshot."
UNCHANGED = "Nothing that matters has changed."
CHANGED = "Something that matters has changed."
NOT_COMPARED = "Nothing was compared."
COMPARISON_FAILED = "The comparison with the last snapshot failed (exit status {status}); the log says why."
CUT = "*… cut here: the whole is in the files of the run.*"

ISSUE_TITLE = "Claims of the report that are no longer so"
ISSUE = (
    "The data have moved, and the text of the report (`{config}`) says what is no longer so. "
    "The sentences are withdrawn from the published report until somebody changes them.\n\n{claims}\n\n{run}"
)
ISSUE_CLOSED = "Every claim holds again. {run}"
RUN = "[The run that found it]({url})"

PULL_TITLE = "The report has changed"
PULL = (
    "The numbers of the report (`{config}`) have changed since the last snapshot on `{base}`.\n\n"
    "Merging this keeps the new snapshot: later runs compare with it. Until then this pull request is brought up to "
    "date in place.\n\n{changes}\n\n{run}"
)
PULL_CLOSED = "Nothing that matters differs from the last snapshot any more. {run}"
PULL_KEPT = (
    "Nothing was committed for {days} days, so the snapshot went to `{base}`, or GitHub would stop the schedule."
)
COMMIT = "Snapshot {name}"
COMMIT_REMOVED = "Snapshots thinned"
COMMIT_ALIVE = "Nothing has changed; GitHub stops schedules of repositories where nothing happens"

COMMENT = "### What this changes in the report\n\n{changes}\n\n{run}"

"""The steps of `action.yml`. They only need Python, git and gh, so that a job with write access installs nothing."""

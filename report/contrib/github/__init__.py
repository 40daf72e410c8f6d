"""The steps of `action.yml`. They need only Python, git and gh, so that a job that may write installs nothing."""

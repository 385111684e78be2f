"""GitHub Actions on this machine: the generated workflows, job by job."""

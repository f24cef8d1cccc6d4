"""What a job is, where kinds are found, and how one is run."""

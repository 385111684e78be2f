"""The AWS side: one thing a file."""

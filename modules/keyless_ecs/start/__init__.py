"""The first delivery file: what is found of it where the command runs, and how it is written."""

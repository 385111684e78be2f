"""The folder that is written."""

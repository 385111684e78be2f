"""The command line: one file a command, each with its own flags, help and example.

A command imports what it needs when it runs, so that help and a bad file are answered at once.
"""

DONE, DIFFERENT, REFUSED = 0, 1, 2
"""Exit statuses: all is as it should be; a check found something; nothing was done."""

"""What is there before a rehearsal, and what is looked at in it."""

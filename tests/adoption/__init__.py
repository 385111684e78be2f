"""What there is, against what the first apply would make of it."""

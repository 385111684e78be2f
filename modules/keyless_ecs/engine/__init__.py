"""Makes CDKTF start at once."""

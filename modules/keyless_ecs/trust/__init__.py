"""Who gets into a deploy role: the tokens that are tried, and AWS's rules by which they fare."""

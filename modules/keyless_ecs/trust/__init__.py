"""Who gets into a role of the pipeline: tokens that are tried, and AWS's rules for them."""

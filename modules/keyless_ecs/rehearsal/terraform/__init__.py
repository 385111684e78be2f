"""Real Terraform, on a working copy of the generated stacks."""

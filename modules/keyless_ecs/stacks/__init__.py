"""The stacks: one per AWS account, one per service and environment."""

"""A stand-in for GitHub, and for Terraform's GitHub provider on the plugin protocol."""

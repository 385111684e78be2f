"""The whole delivery, played here: real Terraform, a local AWS, a stand-in for GitHub."""

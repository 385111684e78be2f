"""The whole delivery, played on this machine: real Terraform, a local AWS, a stand-in for GitHub."""

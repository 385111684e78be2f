"""Plays a delivery on this machine: real Terraform, no AWS account, no GitHub."""

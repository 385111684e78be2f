"""The rules that the generated Terraform keeps, each as one test."""

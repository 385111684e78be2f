"""keyless-ecs: Terraform JSON for keyless delivery from GitHub to Amazon ECS."""

"""A model of GitHub's scheduler, of ECS, ECR and IAM, which runs any workflow files of this shape.

It holds facts of GitHub and AWS, each with its source, and nothing of the generated jobs: those
are read as they stand, and their scripts are run.
"""

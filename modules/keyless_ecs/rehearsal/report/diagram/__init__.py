"""The picture of each stack: its resources, and how the delivery goes through them."""

from keyless_ecs.rehearsal.report.diagram.svg import svg
from keyless_ecs.review.graph import Resource, resources

__all__ = ["Resource", "resources", "svg"]

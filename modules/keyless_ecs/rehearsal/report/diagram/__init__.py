"""The picture of each stack: its resources, and how the delivery goes through them."""

from keyless_ecs.rehearsal.report.diagram.contents import Resource, resources
from keyless_ecs.rehearsal.report.diagram.svg import svg

__all__ = ["Resource", "resources", "svg"]

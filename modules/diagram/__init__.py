"""The picture of each stack: its resources, and how the delivery goes through them."""

from modules.diagram.contents import Resource, resources
from modules.diagram.svg import svg

__all__ = ["Resource", "resources", "svg"]

"""The delivery file: what it may say, and everything that is wrong with one."""

# Else pydantic imports it from Rust, which panics where Ctrl-C comes just then.
import datetime  # noqa: F401

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.file import DeliveryFile
from keyless_ecs.config.loader import load, located
from keyless_ecs.config.problems import BadDeliveryFileError

__all__ = ["BadDeliveryFileError", "Delivery", "DeliveryFile", "load", "located"]

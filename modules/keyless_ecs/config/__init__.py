"""The delivery file: what it may say, and everything that is wrong with one."""

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.file import DeliveryFile
from keyless_ecs.config.loader import load, located
from keyless_ecs.config.problems import BadDeliveryFileError

__all__ = ["BadDeliveryFileError", "Delivery", "DeliveryFile", "load", "located"]

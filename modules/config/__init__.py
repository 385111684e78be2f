"""The delivery file: what it may say, and everything that is wrong with one."""

from modules.config.delivery import Delivery
from modules.config.file import DeliveryFile
from modules.config.loader import load
from modules.config.problems import BadDeliveryFileError

__all__ = ["BadDeliveryFileError", "Delivery", "DeliveryFile", "load"]

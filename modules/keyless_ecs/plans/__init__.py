"""What the next plan would destroy, foreseen from old and new JSON, and how to do without.

Terraform's own plan stays the authority: it knows the state, and what the provider computes.
"""

from keyless_ecs.plans.comparison import stops
from keyless_ecs.plans.content import StackJson
from keyless_ecs.plans.leaving import farewell
from keyless_ecs.plans.stop import Stop, told

__all__ = ["StackJson", "Stop", "farewell", "stops", "told"]

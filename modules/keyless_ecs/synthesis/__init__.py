"""From a delivery file to the files of ``generated/``, as bytes in memory; writes nothing there."""

from keyless_ecs.synthesis.parallel import synthesize
from keyless_ecs.synthesis.stack import SynthesizedStack, to_json

__all__ = ["SynthesizedStack", "synthesize", "to_json"]

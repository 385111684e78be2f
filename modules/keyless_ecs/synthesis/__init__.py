"""From a delivery file to the files of ``generated/``, as bytes in memory; writes nothing there."""

from keyless_ecs.stacks.limits import LimitError
from keyless_ecs.synthesis.files import files, manifest
from keyless_ecs.synthesis.parallel import synthesize
from keyless_ecs.synthesis.stack import SynthesizedStack, to_json

__all__ = ["LimitError", "SynthesizedStack", "files", "manifest", "synthesize", "to_json"]

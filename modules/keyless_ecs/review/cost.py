"""What a stack bills, in words and without prices."""

from collections.abc import Iterator, Mapping
from typing import Any

from keyless_ecs.review.facts import fact


def bills(stack: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the address and the bill of each resource of a stack that has one.

    Args:
        stack: The content of a ``cdk.tf.json``.
    """
    for type_, named in sorted(stack.get("resource", {}).items()):
        for name, body in sorted(named.items()):
            if said := fact(type_).bills(body):
                yield f"{type_}.{name}", said

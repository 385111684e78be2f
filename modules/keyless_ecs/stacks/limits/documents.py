"""IAM's documents by their length, all that a role carries counted together.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from keyless_ecs.config.account import Quotas
from keyless_ecs.stacks.limits.finished import Finished
from keyless_ecs.stacks.limits.unfit import Unfit

INLINE_POLICIES = 10_240
MANAGED_POLICY = 6_144
"""Characters of all inline policies of a role, and of one managed policy. AWS raises neither."""


def unfit_documents(stack: Finished, quotas: Quotas) -> Iterator[Unfit]:
    """Yield the roles whose documents are longer, or more, than IAM takes."""
    yield from _trust_policies(stack, quotas.assume_role_policy_size)
    yield from _inline_policies(stack)
    yield from _managed_policies(stack)
    yield from _attachments(stack, quotas.attached_policies_per_role)


def _trust_policies(stack: Finished, most: int) -> Iterator[Unfit]:
    for address, arguments in stack.resources("aws_iam_role"):
        size = _length(stack.read(arguments["assume_role_policy"]))
        if size > most:
            texts = stack.strings(arguments, "assume_role_policy")
            yield Unfit(
                f"{address}: a trust policy of {size:,} characters, and IAM takes {most:,}; let "
                "fewer patterns of branches and tags deploy, or have the quota raised and write "
                "accounts.<account>.quotas: {assume_role_policy_size: …}",
                [text for text in texts if text.startswith("refs/")],
            )


def _inline_policies(stack: Finished) -> Iterator[Unfit]:
    sizes: dict[str, int] = defaultdict(int)
    texts: dict[str, list[str]] = defaultdict(list)
    for _, arguments in stack.resources("aws_iam_role_policy"):
        role = _role(arguments["role"])
        sizes[role] += _length(stack.read(arguments["policy"]))
        texts[role] += stack.strings(arguments, "policy")
    for role, size in sizes.items():
        if size > INLINE_POLICIES:
            yield Unfit(
                f"{role}: {size:,} characters of inline policies, and IAM takes "
                f"{INLINE_POLICIES:,} of a role; put several values into one secret of Secrets "
                "Manager, whose keys (…:secret:<name>-<suffix>:<key>::) count once",
                [text for text in texts[role] if text.startswith("arn:")],
            )


def _managed_policies(stack: Finished) -> Iterator[Unfit]:
    for address, arguments in stack.resources("aws_iam_policy"):
        size = _length(stack.read(arguments["policy"]))
        if size > MANAGED_POLICY:
            yield Unfit(
                f"{address}: a managed policy of {size:,} characters, and IAM takes "
                f"{MANAGED_POLICY:,}; let it name less"
            )


def _attachments(stack: Finished, most: int) -> Iterator[Unfit]:
    attached: dict[str, list[str]] = defaultdict(list)
    for _, arguments in stack.resources("aws_iam_role_policy_attachment"):
        attached[_role(arguments["role"])].append(str(stack.read(arguments["policy_arn"])))
    for role, arns in attached.items():
        if len(arns) > most:
            yield Unfit(
                f"{role}: {len(arns)} managed policies, and IAM attaches {most} to a role; join "
                "some, or have the quota raised and write "
                "accounts.<account>.quotas: {attached_policies_per_role: …}",
                arns,
            )


def _length(document: str) -> int:
    """IAM does not count white space."""
    return len(re.sub(r"\s", "", document))


def _role(reference: str) -> str:
    """Return the address of the role that an argument refers to."""
    return reference.removeprefix("${").rpartition(".")[0]

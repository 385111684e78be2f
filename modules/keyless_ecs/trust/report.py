"""The roles of a delivery file, each tried with the tokens that must and must not get in."""

from collections.abc import Iterable, Iterator

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.trust import places
from keyless_ecs.trust.job_role import roles_of
from keyless_ecs.trust.policy import trust_policy
from keyless_ecs.trust.table import table


def report(deliveries: Iterable[Delivery], all_of_file: Iterable[Delivery]) -> tuple[str, bool]:
    """Return who gets into each role, what each place says of refs, and if all fared well.

    Ids that the delivery file does not give are tried with stand-ins: Terraform looks them up.

    Args:
        deliveries: The environments to report on.
        all_of_file: All that there are: those of one repository share what starts them.
    """
    wanted, others = list(deliveries), list(all_of_file)
    roles = (role for delivery in wanted for role in roles_of(delivery))
    text, as_expected = table((role, trust_policy(role)) for role in roles)
    blocks = ["\n".join(_refs(delivery, others)) for delivery in wanted]
    tables, _, outcome = text.rpartition("\n\n")
    return "\n\n".join([tables, *blocks, outcome]), as_expected


def _refs(delivery: Delivery, others: Iterable[Delivery]) -> Iterator[str]:
    repository = delivery.service.repository.lower()
    beside = [each for each in others if each.service.repository.lower() == repository]
    yield from places.lines(delivery, places.said_of_refs(delivery, beside))

"""The roles of a delivery file, each tried with the tokens that must and must not get in."""

from collections.abc import Iterable

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.trust.job_role import roles_of
from keyless_ecs.trust.policy import trust_policy
from keyless_ecs.trust.table import table


def report(deliveries: Iterable[Delivery]) -> tuple[str, bool]:
    """Return who gets into each role as a table, and whether every token fared well.

    Ids that the delivery file does not give are tried with stand-ins: Terraform looks them up.
    """
    roles = (role for delivery in deliveries for role in roles_of(delivery))
    return table((role, trust_policy(role)) for role in roles)

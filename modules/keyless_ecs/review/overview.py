"""The page of the whole folder: which service stands where, and what goes into what."""

from collections.abc import Iterator

from keyless_ecs.config import DeliveryFile
from keyless_ecs.config.file import account_stack
from keyless_ecs.header import PAGE
from keyless_ecs.release import written


def overview(file: DeliveryFile) -> str:
    """Return the page that stands beside the stacks."""
    lines = [PAGE, "# What is delivered", "", *_services(file), *_accounts(file)]
    return "\n".join([*lines, "", written(), ""])


def _services(file: DeliveryFile) -> Iterator[str]:
    yield "| service | environment | account | region | from | stack |"
    yield "|---|---|---|---|---|---|"
    for delivery in file.deliveries():
        source = delivery.source or delivery.follows
        refs = [ref.split("/", 2)[-1] for ref in delivery.refs]
        origin = source.stack if source else ", ".join(refs)
        cells = (
            delivery.service_key,
            delivery.environment_key,
            delivery.account_key,
            delivery.region,
            f"`{origin}`",
            f"[{delivery.stack}](stacks/{delivery.stack})",
        )
        yield f"| {' | '.join(cells)} |"


def _accounts(file: DeliveryFile) -> Iterator[str]:
    yield from ("", "| account | id | region | stack |", "|---|---|---|---|")
    for key, account in file.accounts.items():
        name = account_stack(key)
        yield f"| {key} | {account.id} | {account.region} | [{name}](stacks/{name}) |"
    yield from ("", "The accounts' stacks are applied first; after them, each in any order.")

"""The delivery file as a whole."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from keyless_ecs.config.account import Account
from keyless_ecs.config.atlantis import Atlantis
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.github import GitHub
from keyless_ecs.config.model import Model
from keyless_ecs.config.providers import Providers
from keyless_ecs.config.service import Key, Service
from keyless_ecs.config.state import State


def account_stack(key: str) -> str:
    """Return the name of the stack of the account that stands under *key*."""
    return f"account-{key}"


class DeliveryFile(Model):
    """Everything that ``delivery.yaml`` says."""

    version: Literal[1]
    github: GitHub
    accounts: Annotated[Mapping[Key, Account], Field(min_length=1)]
    services: Annotated[Mapping[Key, Service], Field(min_length=1)]
    state: State = State()
    providers: Providers = Providers()
    atlantis: Atlantis = Atlantis()

    def deliveries(self) -> Iterator[Delivery]:
        """Yield each environment of each service with its settings resolved.

        An environment of an unknown account is left out; the checks report it.
        """
        for service_key, service in self.services.items():
            resolved = {
                key: Delivery(
                    github=self.github,
                    account=self.accounts[environment.account],
                    service_key=service_key,
                    service=service,
                    environment_key=key,
                    environment=environment,
                )
                for key, environment in service.environments.items()
                if environment.account in self.accounts
            }
            for delivery in resolved.values():
                source = delivery.registry.shared_from
                yield replace(delivery, source=resolved.get(source)) if source else delivery

    def stack_names(self) -> list[str]:
        """Return the names of all stacks, accounts first."""
        return [*map(account_stack, self.accounts), *(each.name for each in self.deliveries())]

"""The delivery file as a whole."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Self

from pydantic import BeforeValidator, Field

from keyless_ecs.config.account import Account
from keyless_ecs.config.atlantis import Atlantis
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.environment import Environment
from keyless_ecs.config.github import GitHub
from keyless_ecs.config.model import Model
from keyless_ecs.config.providers import Providers
from keyless_ecs.config.service import ResourceName, Service
from keyless_ecs.config.settings import Settings
from keyless_ecs.config.shown import shown
from keyless_ecs.config.state import State


def account_stack(key: str) -> str:
    """Return the name of the stack of the account that stands under *key*."""
    return f"account-{key}"


def _version(value: object) -> object:
    if value is not True and value == 1:
        return 1
    if value == "1":
        raise ValueError("'1' is text; remove the quotes")
    raise ValueError(f"{shown(value)} is not known; use 1")


Version = Annotated[int, BeforeValidator(_version)]


class DeliveryFile(Model):
    """Everything that ``delivery.yaml`` says."""

    version: Version
    github: GitHub
    accounts: Annotated[Mapping[ResourceName, Account], Field(min_length=1)]
    services: Annotated[Mapping[ResourceName, Service], Field(min_length=1)]
    defaults: Settings = Settings()
    state: State = State()
    providers: Providers = Providers()
    atlantis: Atlantis = Atlantis()

    def deliveries(self) -> Iterator[Delivery]:
        """Yield each environment of each service with its settings resolved.

        An environment of an unknown account is left out; the checks report it.
        """
        for service_key, service in self.services.items():
            shared = service.inheriting(self.defaults)
            resolved = {
                key: Delivery(
                    github=self.github,
                    account=self.accounts[environment.account],
                    service_key=service_key,
                    service=service,
                    environment_key=key,
                    environment=environment.inheriting(shared),
                    defaults=self.defaults,
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

    def in_order(self) -> Self:
        """Return the same for any order of the keys in the file.

        By name, but an environment whose images others promote stands before those.
        """
        services = {}
        for key, service in sorted(self.services.items()):
            environments = sorted(service.environments.items(), key=_promotion)
            services[key] = service.model_copy(update={"environments": dict(environments)})
        accounts = dict(sorted(self.accounts.items()))
        return self.model_copy(update={"accounts": accounts, "services": services})


def _promotion(item: tuple[str, Environment]) -> tuple[bool, str]:
    key, environment = item
    # A chain is one step long: the checks refuse longer ones.
    return environment.registry.shared_from is not None, key

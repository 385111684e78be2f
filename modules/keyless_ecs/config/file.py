"""The delivery file as a whole."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Field

from keyless_ecs.config.account import Account
from keyless_ecs.config.atlantis import Atlantis
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.github import GitHub
from keyless_ecs.config.keys import ResourceName
from keyless_ecs.config.model import Model
from keyless_ecs.config.places import StackPlace
from keyless_ecs.config.providers import Providers
from keyless_ecs.config.service import Service
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
    if value is None:
        raise ValueError("nothing stands here; use 1")
    raise ValueError(f"{shown(value)} is not known; use 1")


Version = Annotated[int, BeforeValidator(_version)]


class DeliveryFile(Model):
    """The whole file."""

    version: Version
    """The version of this format.

    Example: 1
    """
    github: GitHub
    """The owner of the repositories, and who issues their tokens.

    Example: {owner: acme}
    """
    accounts: Annotated[Mapping[ResourceName, Account], Field(min_length=1)]
    """The AWS accounts, by names of your choice.

    Example: {main: {id: "123456789012", region: eu-west-1}}
    """
    defaults: Settings = Settings()
    """Settings that all environments share.

    Example: {logs: {retention_days: 90}}
    """
    services: Annotated[Mapping[ResourceName, Service], Field(min_length=1)]
    """The services, by names of your choice.

    Example:
      web:
        repository: web
        environments:
          production: {account: main, deploy_from: {branches: [main]}}
    """
    state: State = State()
    """Where Terraform keeps each stack's state.

    Example: {s3: {bucket: state-of-acme, region: eu-west-1}}
    """
    providers: Providers = Providers()
    """Which versions of the providers Terraform may take.

    Example: {aws: "~> 6.25"}
    """
    atlantis: Atlantis = Atlantis()
    """What ``generated/atlantis.yaml`` says of the stacks.

    Example: {root: infra/generated}
    """

    def deliveries(self) -> Iterator[Delivery]:
        """Yield each environment of each service with its settings resolved.

        An environment of an unknown account is left out; the checks report it.
        """
        for service_key, service in self.services.items():
            for key in service.environments:
                if delivery := self._delivery(service_key, key):
                    yield delivery

    def _delivery(
        self, service_key: str, key: str, above: tuple[tuple[str, str], ...] = ()
    ) -> Delivery | None:
        """Return one environment, with those that hand their images on to it.

        Args:
            service_key: The service.
            key: The environment.
            above: The environments that asked for this one. What leads back to one of them ends
                there: the checks report the circle.
        """
        service = self.services.get(service_key)
        environment = service.environments.get(key) if service else None
        if service is None or environment is None or (service_key, key) in above:
            return None
        above = (*above, (service_key, key))
        settings = environment.inheriting(service.inheriting(self.defaults))
        source = follows = None
        if service.image_of:
            follows = self._delivery(service.image_of, key, above)
        elif promoted := settings.registry.shared_from:
            source = self._delivery(service_key, promoted, above)
        account = environment.account or (follows.account_key if follows else "")
        if account not in self.accounts:
            return None
        return Delivery(
            github=self.github,
            account=self.accounts[account],
            service_key=service_key,
            service=service,
            environment_key=key,
            environment=settings,
            defaults=self.defaults,
            account_key=account,
            source=source,
            follows=follows,
        )

    def stack_names(self) -> list[str]:
        """Return the names of all stacks, accounts first."""
        return [*map(account_stack, self.accounts), *(each.stack for each in self.deliveries())]

    def places(self) -> dict[str, StackPlace]:
        """Return where each stack stands in the file, and the names that it had before."""
        accounts = {
            account_stack(key): StackPlace(("accounts", key), tuple(map(account_stack, it.was)))
            for key, it in self.accounts.items()
        }
        return accounts | {
            each.stack: StackPlace(
                ("services", each.service_key, "environments", each.environment_key),
                each.former_stacks,
            )
            for each in self.deliveries()
        }

    def in_order(self) -> Self:
        """Return the same for any order of the keys in the file.

        By name, but an environment whose images others promote stands before those, also in a
        service that runs the image of another.
        """
        services = {}
        for key, service in sorted(self.services.items()):
            order = self._in_order(service)
            environments = {name: service.environments[name] for name in order}
            services[key] = service.model_copy(update={"environments": environments})
        accounts = dict(sorted(self.accounts.items()))
        return self.model_copy(update={"accounts": accounts, "services": services})

    def _in_order(self, service: Service) -> list[str]:
        """Return the service's environments: each after the one whose deployments it promotes."""
        builds = service
        while builds.image_of:
            builds = self.services[builds.image_of]

        def steps(key: str) -> int:
            promoted = builds.environments[key].registry.shared_from
            return 1 + steps(promoted) if promoted else 0

        return sorted(service.environments, key=lambda key: (steps(key), key))

"""Accounts: that they are there, and in the partition and with the provider that is meant."""

from collections.abc import Iterator

from keyless_ecs.config.checks.rule import Contradiction, Whole, known, of_file
from keyless_ecs.config.file import DeliveryFile
from keyless_ecs.config.problems import MISSING, Location
from keyless_ecs.config.regions import partition_of
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import did_you_mean


@of_file
def account_of_each_environment(whole: Whole) -> Iterator[Contradiction]:
    """An environment lies in one of the file's accounts, and in a region of its partition."""
    for service_key, service in whole.file.services.items():
        for key in service.environments:
            yield from known(_account_of, whole, service_key, key)


def _account_of(whole: Whole, service_key: str, key: str) -> Iterator[Contradiction]:
    service = whole.file.services[service_key]
    environment = service.environments[key]
    here: Location = ("services", service_key, "environments", key)
    if "image_of" not in whole.keys("services", service_key):
        for setting in ("account", "deploy_from"):
            if getattr(environment, setting) is None:
                yield (*here, setting), MISSING
    if environment.account is None:
        return
    account = whole.file.accounts.get(environment.account)
    accounts = whole.keys("accounts")
    if environment.account not in accounts:
        mend = did_you_mean(environment.account, accounts)
        yield (*here, "account"), f"{shown(environment.account)} is not under accounts; {mend}"
    elif account and (region := environment.region) and partition_of(region) != account.partition:
        yield (
            (*here, "region"),
            f"{region} lies outside the partition {account.partition} of the account; "
            f"use a region of that partition or another account",
        )


@of_file
def role_of_the_account(whole: Whole) -> Iterator[Contradiction]:
    """The provider may work in one account only (``allowed_account_ids``): the role's own."""
    for key in whole.file.accounts:
        yield from known(_assumed_role, whole.file, key)


def _assumed_role(file: DeliveryFile, key: str) -> Iterator[Contradiction]:
    account = file.accounts[key]
    role_account = account.assume_role and account.assume_role.split(":")[4]
    if role_account and role_account != account.id:
        yield (
            ("accounts", key, "assume_role"),
            f"a role of {role_account}, where the provider refuses to work for {account.id}; "
            f"name a role of {account.id}",
        )
    if account.assume_role and account.assume_role.split(":")[1] != account.partition:
        yield (
            ("accounts", key, "assume_role"),
            f"a role of the partition {account.assume_role.split(':')[1]}, and {account.region} "
            f"lies in {account.partition}; name a role of that partition",
        )
    if account.external_id and not account.assume_role:
        yield (
            ("accounts", key, "external_id"),
            "a role asks for it, and none is assumed; set assume_role, or leave it out",
        )


@of_file
def one_provider_an_account(whole: Whole) -> Iterator[Contradiction]:
    """An account takes one OIDC provider per URL."""
    creators: dict[str, str] = {}
    for key in whole.file.accounts:
        yield from known(_second_provider, whole.file, key, creators)


def _second_provider(
    file: DeliveryFile, key: str, creators: dict[str, str]
) -> Iterator[Contradiction]:
    account = file.accounts[key]
    first = creators.setdefault(account.id, key)
    if first != key and account.oidc_provider == "create":
        yield (
            ("accounts", key, "id"),
            f"{account.id} is accounts.{first} already, and an account has one OIDC provider "
            "per URL; use that account, or set oidc_provider: existing here",
        )

"""Text that is not what it seems, and the order of keys."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.config import BadDeliveryFileError, DeliveryFile, load
from tests.conftest import EXAMPLE, Content
from tests.support.config import backwards, changed, problems

PORT = "services.papyrus.container.port"
ENVIRONMENT = "services.papyrus.environments.production"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (PORT, "8080", "'8080' is text; remove the quotes"),
        (PORT, "8_0", "'8_0' is not what stands here; use a whole number"),
        (PORT, True, "true is not what stands here; use a whole number"),
        (f"{ENVIRONMENT}.exec", "yes", "'yes' is not what stands here; use true or false"),
        (f"{ENVIRONMENT}.exec", 1, "1 is not what stands here; use true or false"),
        ("version", True, "true is not known; use 1"),
        (
            "accounts.main.id",
            "\u0661" * 12,
            f"'{chr(0x661) * 12}' is not an account id; use its 12 digits, in quotes: "
            "\"123456789012\" ('\u0661' is no letter of ASCII)",
        ),
        ("github.owner_id", True, "true is not a GitHub id; use its decimal digits"),
        (
            "services.papyrus.container.variables.A",
            None,
            'nothing stands here; write "" for empty text',
        ),
        (
            "services.papyrus.tags.a\\",
            "x",
            "'a\\\\' holds '\\\\', which IAM takes in no tag; "
            "use letters, digits, spaces and any of _ . : / = + - @",
        ),
    ],
)  # fmt: skip
def test_what_only_looks_right_is_refused(
    tmp_path: Path, example: Content, path: str, value: Any, message: str
) -> None:
    """Nothing is turned into what it is not."""
    (problem,) = problems(tmp_path / "bad.yaml", changed(example, path, value))
    assert problem.partition(": ")[2] == message


@pytest.mark.parametrize("ingress", ["fe80::1%${aws_vpc.x.id}", "fe80::1%eth0", "::%1/128"])
def test_no_zone_passes_for_an_address(tmp_path: Path, example: Content, ingress: str) -> None:
    """Python takes any text for one, and Terraform would read expressions in it."""
    data = changed(example, f"{ENVIRONMENT}.network.ingress", [ingress])

    (problem,) = problems(tmp_path / "bad.yaml", data)
    assert problem.endswith(
        "is not a CIDR block; write one such as 10.1.2.0/24 or "
        "2001:db8:1::/48, as narrow as it can be"
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [("0042", "42"), ("0x1F", "31"), ("1_000", "1000"), ("+49", "49"), ("0o17", "15"), ("-0", "0")],
)
@pytest.mark.parametrize(
    "place",
    ["variables: {A: %s}", "command: [serve, %s]", "health_check: {command: [CMD, %s]}"],
)
def test_a_number_that_yaml_writes_otherwise_wants_quotes(
    tmp_path: Path, place: str, written: str, read: str
) -> None:
    """A PIN loses its zeros, a telephone number its plus."""
    path = tmp_path / "delivery.yaml"
    example = EXAMPLE.read_text()
    path.write_text(example.replace("port: 8080", place % written))

    with pytest.raises(BadDeliveryFileError) as refused:
        load(path)
    assert f"{written} is {read} to YAML; put it in quotes" in str(refused.value)


def test_the_order_of_keys_means_nothing(
    example: Content, loaded: Callable[[Content], DeliveryFile]
) -> None:
    """Who sorts a file changes no line of what is made of it."""
    example["accounts"]["backup"] = {"id": "210987654321", "region": "eu-west-1"}
    environments = example["services"]["papyrus"]["environments"]
    environments["canary"] = {
        "account": "backup",
        "deploy_from": {"branches": ["main"]},
        "registry": {"from": "production"},
    }
    environments["staging"] = {
        "account": "backup",
        "deploy_from": {"branches": ["main"]},
        "registry": {"name": "staging"},
    }
    one, other = loaded(example), loaded(backwards(example))

    assert list(one.deliveries()) == list(other.deliveries())
    assert list(one.accounts) == list(other.accounts) == ["backup", "main"]
    assert [delivery.environment_key for delivery in one.deliveries()] == [
        "production",
        "staging",
        "canary",
    ]


def test_one_error_feigns_no_other(tmp_path: Path, example: Content) -> None:
    """What stands in for a bad value says nothing about the rest."""
    data = changed(example, "accounts.main.id", "12345")
    data = changed(data, "accounts.main.assume_role", "arn:aws:iam::123456789012:role/terraform")
    data = changed(data, "services.papyrus.container.port", "http")
    data = changed(data, f"{ENVIRONMENT}.network.ingress", ["10.0.0.0/8"])
    data["services"]["papyrus"]["environments"]["staging"] = {
        "account": "main",
        "deploy_from": {"branches": ["main"]},
        "registry": {"from": 5},
    }

    assert [line.partition(": ")[0] for line in problems(tmp_path / "bad.yaml", data)] == [
        "accounts.main.id",
        "services.papyrus.container.port",
        f"{ENVIRONMENT.replace('production', 'staging')}.registry.from",
    ]

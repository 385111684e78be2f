"""Levels: what ``defaults`` and a service say, an environment inherits key by key."""

import json
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.config import BadDeliveryFileError, Delivery, load
from tests.conftest import EXAMPLE, Content
from tests.support.config import changed, problems

SERVICE = "services.papyrus"
ENVIRONMENT = f"{SERVICE}.environments.production"
CHECK = {"command": ["curl", "-f", "localhost"], "interval": 60}


def delivery(path: Path, data: Content) -> Delivery:
    """Return the one environment of *data*, written to *path*."""
    path.write_text(json.dumps(data))
    (only,) = load(path).deliveries()
    return only


def with_levels(example: Content, *levels: Content) -> Content:
    """Return the example with *levels* as ``defaults``, of its service and its environment."""
    for place, level in zip(("defaults", SERVICE, ENVIRONMENT), levels, strict=True):
        for key, value in level.items():
            example = changed(example, f"{place}.{key}", value)
    return example


@pytest.mark.parametrize(
    ("levels", "setting", "value"),
    [
        pytest.param(({"count": 2}, {"count": 3}, {"count": 4}), "count", 4, id="environment"),
        pytest.param(({"count": 2}, {"count": 3}, {}), "count", 3, id="service"),
        pytest.param(({"count": 2}, {}, {}), "count", 2, id="defaults"),
        pytest.param(({"count": 2}, {}, {"count": "none"}), "count", 1, id="none of a number"),
        pytest.param(({"exec": True}, {"exec": "none"}, {}), "exec", False, id="none of a switch"),
        pytest.param(
            ({"logs": {"retention_days": 90}}, {}, {"logs": "none"}),
            "logs.retention_days",
            30,
            id="none of a mapping",
        ),
        pytest.param(
            ({"github": {"variables": {"A": "1"}}}, {}, {"github": {"variables": "none"}}),
            "github.variables",
            {},
            id="none of names",
        ),
        pytest.param(
            ({"github": {"variables": {"A": "1"}}}, {}, {"github": "none"}),
            "github.variables",
            {},
            id="none above names",
        ),
        pytest.param(
            ({"container": {"variables": {"A": "1", "B": "1"}}},
             {"container": {"variables": {"B": "2"}}},
             {"container": {"variables": {"C": "3"}}}),
            "container.variables",
            {"A": "1", "B": "2", "C": "3"},
            id="names are merged",
        ),
        pytest.param(
            ({"network": {"ingress": ["10.0.0.0/8"]}}, {}, {"network": {"ingress": []}}),
            "network.ingress",
            (),
            id="lists are replaced",
        ),
        pytest.param(
            ({}, {"container": {"health_check": CHECK}},
             {"container": {"health_check": {"retries": 5}}}),
            "container.health_check.interval",
            60,
            id="key by key, also below",
        ),
        pytest.param(
            ({}, {"container": {"health_check": CHECK}}, {"container": {"health_check": "none"}}),
            "container.health_check",
            None,
            id="none of what may be missing",
        ),
        # A name that is called none would be looked up, or pulled.
        pytest.param(
            ({"container": {"image": "acme/web:1"}}, {}, {"container": {"image": "none"}}),
            "container.image",
            "public.ecr.aws/nginx/nginx:stable",
            id="none of an image",
        ),
        pytest.param(
            ({"cluster": {"existing": "acme"}}, {}, {"cluster": {"existing": "none"}}),
            "cluster.existing",
            None,
            id="none of a name",
        ),
        pytest.param(
            ({"domain": {"names": ["a.example.com"], "zone": "example.com"}}, {},
             {"domain": {"zone": "none", "certificate": "none"}}),
            "domain.zone",
            "none",
            id="none is meant",
        ),
        pytest.param(
            ({}, {"cluster": {"existing": "acme"}}, {"cluster": {"name": "own"}}),
            "cluster.existing",
            None,
            id="an alternative",
        ),
        pytest.param(
            ({"task": {"memory": 1024}}, {"task": {"cpu": 512}}, {}), "task.memory", 1024,
            id="of one part, two levels",
        ),
    ],
)  # fmt: skip
def test_the_most_specific_level_counts(
    tmp_path: Path, example: Content, levels: tuple[Content, ...], setting: str, value: Any
) -> None:
    """``defaults`` < service < environment, key by key; ``none`` switches off."""
    example["services"]["papyrus"]["container"] = {"port": 8080}
    found: Any = delivery(tmp_path / "it.yaml", with_levels(example, *levels)).environment
    for key in setting.split("."):
        found = getattr(found, key)

    assert found == value


@pytest.mark.parametrize(
    ("levels", "keys"),
    [
        pytest.param(({}, {}, {"deployment": "none"}), ("deployment", "bake_minutes"), id="alone"),
        pytest.param(
            ({"deployment": {"strategy": "blue_green", "bake_minutes": 30}}, {},
             {"deployment": {"strategy": "rolling", "bake_minutes": "none"}}),
            ("deployment", "bake_minutes"), id="of one key",
        ),
        pytest.param(
            ({"container": {"read_only_root": True}}, {"container": "none"}, {}),
            ("container", "read_only_root"), id="one level down",
        ),
        pytest.param(
            ({"github": {"wait_minutes": 5}}, {}, {"trust": {"by": "ref"}, "github": "none"}),
            ("github", "wait_minutes"), id="where nothing may be said",
        ),
        pytest.param(
            ({"logs": "none", "task": "none", "trust": "none"}, {}, {}),
            ("logs", "name"), id="of what names one thing",
        ),
    ],
)  # fmt: skip
def test_none_says_nothing(
    tmp_path: Path, example: Content, levels: tuple[Content, ...], keys: tuple[str, str]
) -> None:
    """What is put back to its default is as if no level had named it: no rule takes it for said."""
    environment = delivery(tmp_path / "it.yaml", with_levels(example, *levels)).environment
    part, key = keys

    assert key not in getattr(environment, part).model_fields_set


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        pytest.param(
            ({"count": -1}, {}, {"count": 1}),
            "defaults.count: -1 is too small; use 0 or more",
            id="also where it is overridden",
        ),
        pytest.param(
            ({"task": {"memory": 513}}, {}, {}),
            "defaults.task.memory: 513 MiB is not offered with cpu 256; "
            "use 512, 1024 or 2048",
            id="of merged settings",
        ),
        pytest.param(
            ({"deployment": {"minimum_healthy_percent": 100}}, {},
             {"deployment": {"maximum_percent": 100}}),
            "services.papyrus.environments.production.deployment: 100 to 100 percent "
            "leaves ECS no room to replace a task; lower minimum_healthy_percent or raise "
            "maximum_percent",
            id="of two levels",
        ),
        pytest.param(
            ({"container": {"health_check": {"retries": 3}}}, {}, {}),
            "defaults.container.health_check.command: missing; it has no default",
            id="what no level says",
        ),
        pytest.param(
            ({"account": "main"}, {}, {}),
            "defaults.account: unknown key here; it stands in an environment alone",
            id="an environment's own",
        ),
        pytest.param(
            ({"cuont": 2}, {}, {}),
            'defaults.cuont: unknown key; did you mean "count"?',
            id="unknown",
        ),
        pytest.param(
            ({"logs": {"name": "all"}}, {}, {}),
            "defaults.logs.name: names one thing, so it stands in an environment alone",
            id="a name for all",
        ),
        pytest.param(
            ({"registry": {"from": "staging"}}, {}, {}),
            "defaults.registry.from: set in defaults it would leave no owner; "
            "set it in an environment",
            id="a registry of others for all",
        ),
        pytest.param(
            ({"network": {"ingress": ["10.0.0.1/8"]}}, {}, {}),
            "defaults.network.ingress.0: '10.0.0.1/8' is not a CIDR block (10.0.0.1/8 has "
            "host bits set); use 10.0.0.0/8",
            id="in a list",
        ),
    ],
)  # fmt: skip
def test_a_problem_is_where_the_value_was_written(
    tmp_path: Path, example: Content, levels: tuple[Content, ...], expected: str
) -> None:
    """Once, however many environments inherit it."""
    data = with_levels(example, *levels)
    if levels[0] and not levels[2]:
        data["services"]["other"] = {**data["services"]["papyrus"], "repository": "other"}

    assert problems(tmp_path / "bad.yaml", data) == [expected]


def test_a_problem_of_an_inherited_value_names_its_line(tmp_path: Path) -> None:
    """Whichever level it is, the reader is led to the line that he has to change."""
    path = tmp_path / "delivery.yaml"
    path.write_text(f"defaults:\n  task: {{cpu: 256,\n    memory: 513}}\n{EXAMPLE.read_text()}")

    with pytest.raises(BadDeliveryFileError, match=r"line 3  defaults\.task\.memory: 513 MiB"):
        load(path)


def test_a_setting_that_is_wrong_at_one_level_is_unknown_below(
    tmp_path: Path, example: Content
) -> None:
    """Nothing is concluded from what stands in for it, or from what it would have replaced."""
    data = with_levels(
        example, {"task": {"memory": 512}}, {"task": {"cpu": 4096, "memory": "x"}}, {}
    )

    assert problems(tmp_path / "bad.yaml", data) == [
        "services.papyrus.task.memory: 'x' is not what stands here; use a whole number"
    ]

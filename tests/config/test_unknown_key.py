"""What is said of a key that nothing here has: an answer of its own, or a guess that fits.

The kind of these faults: a guess by spelling alone leads across meanings, and whoever comes from
another tool is told of a typing error where a need is not served.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.config import DeliveryFile, unknown_key
from keyless_ecs.config.words import HERE, INSTEAD
from tests.conftest import Content
from tests.support.config import changed, problems

SERVICE = "services.papyrus"
ENVIRONMENT = f"{SERVICE}.environments.production"

Load = Callable[[Content], DeliveryFile]

ANSWERS: list[tuple[str, Any, str]] = [
    (f"{ENVIRONMENT}.desired_count", 2, 'unknown key; use "count"'),
    (f"{ENVIRONMENT}.desiredCount", 2, 'unknown key; use "count"'),
    (f"{ENVIRONMENT}.desired-count", 2, 'unknown key; use "count"'),
    (f"{SERVICE}.replicas", 2, 'unknown key; use "count"'),
    (f"{SERVICE}.env", {"A": "b"}, "unknown key; here it is container: {variables: …}"),
    (f"{SERVICE}.environment", {"A": "b"}, "unknown key; here it is container: {variables: …}"),
    (f"{ENVIRONMENT}.environment", {"A": "b"}, "unknown key; here it is container: {variables: …}"),
    (f"{SERVICE}.container.environment", {"A": "b"}, 'unknown key; use "variables"'),
    (f"{SERVICE}.cpu_units", 256, "unknown key; here it is task: {cpu: …}"),
    (f"{SERVICE}.task.cpu_units", 256, 'unknown key; use "cpu"'),
    (f"{SERVICE}.cpu", 256, "unknown key here; it stands in task: {cpu: …}"),
    (f"{SERVICE}.port", 80, "unknown key here; it stands in container: {port: …}"),
    (
        f"{SERVICE}.secrets",
        {"A": "b"},
        "unknown key here; it stands in container: {secrets: …} or github: {secrets: …}",
    ),
    (f"{ENVIRONMENT}.log_retention_days", 7, "unknown key; here it is logs: {retention_days: …}"),
    (f"{ENVIRONMENT}.network.subnet_ids", ["subnet-1"], 'unknown key; use "subnets"'),
    (f"{ENVIRONMENT}.deploy_from.branch", "main", 'unknown key; use "branches"'),
    ("accounts.main.account_id", "1", 'unknown key; use "id"'),
    ("backend", {"s3": {}}, 'unknown key; use "state"'),
    (f"{ENVIRONMENT}.network.egress", ["10.0.0.0/8"], "unknown key, not offered; tasks reach"),
    (f"{SERVICE}.sidecars", [], "unknown key, not offered; a task has one container"),
    (f"{SERVICE}.task.task_role_arn", "arn:x", "give it rights with task.task_role_policies"),
    ("accounts.main.profile", "prod", "unknown key, not offered; set AWS_PROFILE where Terraform"),
    (f"{SERVICE}.build.submodules", True, "unknown key, not offered; the build has the commit"),
    (f"{ENVIRONMENT}.deploy_from.tag", "v1", 'unknown key; use "tags"'),
    (f"{ENVIRONMENT}.deploy_from.exclude", ["v1"], 'unknown key; use "except"'),
    (f"{ENVIRONMENT}.min_capacity", 2, "unknown key; here it is autoscaling: {min: …}"),
    (f"{ENVIRONMENT}.capacity.spot", 2, 'unknown key; use "fargate_spot"'),
    (f"{ENVIRONMENT}.hosted_zone", "a.b", "unknown key; here it is domain: {zone: …}"),
    (f"{ENVIRONMENT}.canary", True, "unknown key; here it is deployment: {strategy: …}"),
    (f"{ENVIRONMENT}.scheme", "internal", "unknown key; here it is load_balancer: {internal: …}"),
    (f"{SERVICE}.migrations", "x", "unknown key, not offered; run them in a job of your own"),
    (f"{SERVICE}.circuit_breaker", True, "unknown key, not offered; it is on, with roll-back"),
    # One word, and another thing in each part of the file.
    (f"{SERVICE}.container.log_group", "x", "unknown key; here it is logs: {name: …}"),
    (f"{SERVICE}.registry.kms_key", "arn:x", 'unknown key; use "encryption"'),
    (f"{ENVIRONMENT}.logs.kms_key_id", "arn:x", 'unknown key; use "kms_key"'),
    (f"{ENVIRONMENT}.deployment.min", 50, 'unknown key; use "minimum_healthy_percent"'),
    (f"{ENVIRONMENT}.min", 1, "unknown key here; it stands in autoscaling: {min: …}"),
    (f"{ENVIRONMENT}.github.environment", "live", 'unknown key; use "name"'),
    ("github.host", "git.acme.example", 'unknown key; use "issuer"'),
    (f"{ENVIRONMENT}.tags", {"a": "b"}, "unknown key; here it is services: {<service>: {tags: …}}"),
    (f"{ENVIRONMENT}.trust.tags", {"a": "b"}, "here it is services: {<service>: {tags: …}}"),
    (f"{SERVICE}.build.path", "apps/web", 'unknown key; use "context"'),
    (f"{SERVICE}.container.args", ["serve"], 'unknown key; use "command"'),
    (f"{SERVICE}.build.args", {"A": "b"}, "unknown key, not offered; give ARG a default"),
    (f"{SERVICE}.container.dns", ["10.0.0.2"], "unknown key, not offered; tasks run on Fargate"),
    ("network", {"subnets": []}, "it stands in defaults: {network: …}, or below services"),
    (f"{ENVIRONMENT}.tag_protection", {"teams": ["a"]}, "here it is github: {ruleset: …}"),
    (f"{ENVIRONMENT}.github.ruleset.users", ["octocat"], "not offered; releases of GitHub's"),
    (f"{ENVIRONMENT}.github.ruleset.integrations", [1], 'unknown key; use "apps"'),
    (f"{ENVIRONMENT}.github.branch_protection", {}, "is a rule of the repository"),
    # Docker Compose, Kubernetes, GitHub Actions.
    (f"{SERVICE}.depends_on", ["db"], "unknown key, not offered; a task has one container"),
    (f"{SERVICE}.restart", "always", "unknown key, not offered; ECS starts a new task"),
    (f"{SERVICE}.livenessProbe", {"a": 1}, "here it is container: {health_check: …}"),
    (f"{ENVIRONMENT}.autoscaling.maxReplicas", 4, 'unknown key; use "max"'),
    (f"{ENVIRONMENT}.deploy_from.branches-ignore", ["x"], 'unknown key; use "except"'),
    (f"{ENVIRONMENT}.deploy_from.paths", ["src/**"], "not offered; a push to the refs of deploy_f"),
    (f"{ENVIRONMENT}.deploy_from.pull_request", {}, "not offered; a pull request deploys nothing"),
    # What is said the other way round elsewhere is not just renamed: that would do the opposite.
    (f"{ENVIRONMENT}.load_balancer.public", True, "unless load_balancer: {internal: true}"),
    (f"{ENVIRONMENT}.deployment.max_unavailable", 25, "75 where 25 may go"),
]


@pytest.mark.parametrize(("path", "value", "said"), ANSWERS)
def test_a_word_of_another_tool_has_an_answer(
    example: Content, tmp_path: Path, path: str, value: Any, said: str
) -> None:
    """What people of other tools type is called something here, or is not offered.

    F47 (``profile``), M2 (``egress``: "did you mean ingress?"), and the words of Terraform's AWS
    provider, CDK, Copilot and Docker Compose.
    """
    found = problems(tmp_path / "delivery.yaml", changed(example, path, value))

    (problem,) = (each for each in found if each.startswith(f"{path}: "))
    assert said in problem


GUESSES: list[tuple[str, Any, str | None]] = [
    (f"{ENVIRONMENT}.acount", "main", "account"),
    (f"{ENVIRONMENT}.regoin", "eu-west-1", "region"),
    (f"{SERVICE}.enviroments", {"a": {"account": "main"}}, "environments"),
    (f"{SERVICE}.environment", {"a": {"account": "main"}}, "environments"),
    (f"{SERVICE}.container.variabels", {"A": "b"}, "variables"),
    (f"{ENVIRONMENT}.logs.retention_day", 7, "retention_days"),
    (f"{ENVIRONMENT}.networks", {}, "network"),
    ("accounts.main.tag", {"a": "b"}, "tags"),
    # Spelled alike, and for another kind of value.
    (f"{ENVIRONMENT}.regions", ["eu-west-1", "us-east-1"], None),
    ("accounts.main.role_paths", {"a": "b"}, None),
    (f"{ENVIRONMENT}.counts", {"a": 1}, None),
    (f"{ENVIRONMENT}.regoin", "somewhere", None),
    ("atlantis.terraform_versions", "opentofu", None),
    (f"{ENVIRONMENT}.adopts", {"registry": True}, None),
]


@pytest.mark.parametrize(("path", "value", "guess"), GUESSES)
def test_a_guess_takes_the_value_that_stands_there(
    example: Content, tmp_path: Path, path: str, value: Any, guess: str | None
) -> None:
    """F46. ``terraform_distribution: opentofu`` is no ``terraform_version``.

    runatlantis/atlantis#5167: Atlantis then fetched Terraform of that number.
    """
    found = problems(tmp_path / "delivery.yaml", changed(example, path, value))

    (problem,) = (each for each in found if each.startswith(f"{path}: "))
    if guess:
        assert problem == f'{path}: unknown key; did you mean "{guess}"?'
    else:
        assert problem.startswith(f"{path}: unknown key; use one of ")


def test_every_word_leads_somewhere() -> None:
    """A line of the table that names what is not there would be found by its user alone."""
    words = {*HERE, *INSTEAD}
    parts = {word.rpartition(".")[0] for word in words} - {""}

    assert not {path for path in (*HERE.values(), *parts) if not unknown_key.exists(path)}
    assert not {word for word in words if "." in word and unknown_key.exists(word)}, "no unknown"
    assert not HERE.keys() & INSTEAD.keys()
    assert not {word for word in words if word != word.lower() or "-" in word}
    assert {"vpc_id", "egress", "sidecars", "profile"} <= INSTEAD.keys()


def test_a_foreign_account_asks_for_its_external_id(
    example: Content, tmp_path: Path, delivered: Callable[[Content, str], Content]
) -> None:
    """F47. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html."""
    alone = changed(example, "accounts.main.external_id", "acme:delivery/1")
    role = "arn:aws:iam::123456789012:role/terraform"

    content = delivered(changed(alone, "accounts.main.assume_role", role), "papyrus-production")

    (provider,) = content["provider"]["aws"]
    assert provider["assume_role"] == [{"role_arn": role, "external_id": "acme:delivery/1"}]
    (problem,) = problems(tmp_path / "delivery.yaml", alone)
    assert problem.startswith("accounts.main.external_id: a role asks for it, and none is assumed")

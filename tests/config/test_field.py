"""Delivery files as people wrote them, and met their trouble again: each case stands for its kind.

The sources are the public reports and pages of AWS and GitHub that each test names.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.loaders
import pytest

from keyless_ecs.config import BadDeliveryFileError, DeliveryFile, load
from keyless_ecs.config.regions import REGIONS_OF, partition_of
from tests.conftest import EXAMPLE, Content
from tests.support.config import changed, problems

ENVIRONMENT = "services.papyrus.environments.production"
HEALTH = "services.papyrus.container.health_check"

Load = Callable[[Content], DeliveryFile]


def _delivery(file: DeliveryFile) -> Any:
    (delivery,) = file.deliveries()
    return delivery


@pytest.mark.parametrize(
    ("count", "deployment"),
    [
        (1, {"maximum_percent": 134}),
        (1, {"maximum_percent": 199}),
        (3, {"minimum_healthy_percent": 90, "maximum_percent": 110}),
        (2, {"minimum_healthy_percent": 51, "maximum_percent": 149}),
        (5, {"minimum_healthy_percent": 81, "maximum_percent": 119}),
        (10, {"minimum_healthy_percent": 100, "maximum_percent": 105}),
    ],
)
def test_percentages_leave_room_for_one_task(
    example: Content, tmp_path: Path, loaded: Load, count: int, deployment: Content
) -> None:
    """S5. Accepted, and can never work: ECS rounds the lower bound up and the upper one down.

    GovWifi/govwifi-terraform PR 1011; and each of the two mends leads to a file that passes.
    """
    data = changed(changed(example, f"{ENVIRONMENT}.count", count), f"{ENVIRONMENT}.deployment", {})
    data = changed(data, f"{ENVIRONMENT}.deployment", deployment)

    (problem,) = problems(tmp_path / "delivery.yaml", data)

    assert problem.startswith(f"{ENVIRONMENT}.deployment: with {count} task")
    words = problem.replace(",", "").split()
    for key in ("maximum_percent:", "minimum_healthy_percent:"):
        mend = {key.removesuffix(":"): int(words[words.index(key) + 1])}
        loaded(changed(data, f"{ENVIRONMENT}.deployment", {**deployment, **mend}))


@pytest.mark.parametrize(
    ("count", "deployment"),
    [
        (1, {"maximum_percent": 300}),
        (1, {"minimum_healthy_percent": 0, "maximum_percent": 100}),
        (2, {"minimum_healthy_percent": 50, "maximum_percent": 100}),
        (3, {"minimum_healthy_percent": 66, "maximum_percent": 134}),
        (0, {"maximum_percent": 101}),
        (4, {"maximum_percent": 125}),
    ],
)
def test_percentages_with_room_are_taken(
    example: Content, loaded: Load, count: int, deployment: Content
) -> None:
    """S5, the other way: also above 200 percent, which no page of AWS forbids."""
    data = changed(example, f"{ENVIRONMENT}.count", count)

    loaded(changed(data, f"{ENVIRONMENT}.deployment", deployment))


@pytest.mark.parametrize(
    ("scaling", "deployment", "taken"),
    [
        ({"min": 1, "max": 4}, {"minimum_healthy_percent": 50, "maximum_percent": 150}, False),
        ({"min": 2, "max": 9}, {"minimum_healthy_percent": 50, "maximum_percent": 150}, True),
        ({"min": 2, "max": 9}, {"minimum_healthy_percent": 90, "maximum_percent": 110}, False),
        (
            {"min": 4, "max": 8, "schedules": {"night": {"at": "cron(0 22 * * ? *)", "min": 1}}},
            {"maximum_percent": 150},
            False,
        ),
        ({"min": 0, "max": 9}, {}, True),
    ],
)
def test_percentages_leave_room_at_every_count(
    example: Content, tmp_path: Path, loaded: Load, scaling: Any, deployment: Any, taken: bool
) -> None:
    """S5's neighbours: what scales, also by hours, has room with each number of tasks."""
    data = changed(example, f"{ENVIRONMENT}.autoscaling", scaling)
    data = changed(data, f"{ENVIRONMENT}.deployment", deployment)
    if taken:
        loaded(data)
        return

    (problem,) = problems(tmp_path / "delivery.yaml", data)

    mend = int(problem.split("maximum_percent: ")[1].split()[0])
    loaded(changed(data, f"{ENVIRONMENT}.deployment", {**deployment, "maximum_percent": mend}))


SHELL = "curl -f http://localhost/ || exit 1"
CHECKS: list[tuple[Any, str]] = [
    ([SHELL], f"'{SHELL}' is one word, and no program has that name; write it as text"),
    (["CMD", *SHELL.split()], "'||' means something to a shell alone; write it as text"),
    (SHELL.split(), "'||' means something to a shell alone; write it as text"),
    (["CMD-SHELL", *SHELL.split()], "CMD-SHELL takes one text, and here are 6; write it as text"),
    ([f"CMD-SHELL {SHELL}"], "is one word, with CMD-SHELL in it; write the rest as text"),
    (["CMD", SHELL], "is one word, and no program has that name; write it as text"),
    (f"CMD-SHELL {SHELL}", f"so CMD-SHELL is said already; use '{SHELL}'"),
    (f"CMD, {SHELL}", f"so CMD is said already; use '{SHELL}'"),
    (f'["CMD-SHELL", "{SHELL}"]', "is text; take the quotes around the list away"),
    (["cmd-shell", SHELL], "'cmd-shell' is no form of ECS; use CMD-SHELL"),
    (["CMD_SHELL", SHELL], "'CMD_SHELL' is no form of ECS; use CMD-SHELL"),
    (["CMD"], "CMD says how to run, and nothing says what"),
    (["NONE"], "ECS runs no check without this; leave health_check out"),
    (["curl", "http://localhost:$PORT/"], "only a shell replaces what"),
    (["wget", "-qO-", "localhost", ">/dev/null", "2>&1"], "means something to a shell alone"),
    ("  ", "there is nothing to run"),
    ([], "there is nothing to run"),
]


@pytest.mark.parametrize(("command", "said"), CHECKS)
def test_a_health_check_has_a_form_that_ecs_runs(
    example: Content, tmp_path: Path, command: Any, said: str
) -> None:
    """M7. Accepted, and can never work.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
    """
    (problem,) = problems(tmp_path / "d.yaml", changed(example, HEALTH, {"command": command}))

    assert problem.startswith(f"{HEALTH}.command: ")
    assert said in problem


@pytest.mark.parametrize(
    ("command", "test"),
    [
        (SHELL, ("CMD-SHELL", SHELL)),
        ("pg_isready -U $USER", ("CMD-SHELL", "pg_isready -U $USER")),
        (["CMD-SHELL", SHELL], ("CMD-SHELL", SHELL)),
        (["CMD", "/healthz", "--quick"], ("CMD", "/healthz", "--quick")),
        (["/healthz"], ("CMD", "/healthz")),
        (["sh", "-c", SHELL], ("CMD", "sh", "-c", SHELL)),
        (["/bin/bash", "-c", "test $A"], ("CMD", "/bin/bash", "-c", "test $A")),
        (["test", "1", ">", "0"], ("CMD", "test", "1", ">", "0")),
        (["/opt/my app/check"], ("CMD", "/opt/my app/check")),
        (["find", "/srv", "-exec", "true", ";"], ("CMD", "find", "/srv", "-exec", "true", ";")),
    ],
)
def test_a_health_check_runs_as_it_was_meant(
    example: Content, loaded: Load, command: Any, test: tuple[str, ...]
) -> None:
    """M7. Text is what a shell runs, as in a Dockerfile; words run as they stand."""
    file = loaded(changed(example, HEALTH, {"command": command}))

    assert _delivery(file).container.health_check.test == test


def test_a_health_check_is_its_command_or_none(example: Content, loaded: Load) -> None:
    """M7. The text alone is the check, and ``none`` takes away what was inherited."""
    text = loaded(changed(example, HEALTH, SHELL))
    inherited = changed(changed(example, HEALTH, SHELL), f"{ENVIRONMENT}.container", {})
    none = loaded(changed(inherited, f"{ENVIRONMENT}.container.health_check", "none"))

    assert _delivery(text).container.health_check.test == ("CMD-SHELL", SHELL)
    assert _delivery(none).container.health_check is None


@pytest.mark.parametrize(
    "keys", [{"service": "Name", "environment": "name"}, {"service": "environment"}]
)
def test_each_built_in_tag_has_a_key_of_its_own(
    example: Content, tmp_path: Path, keys: Content
) -> None:
    """F5. One of two tags of one key would go unseen."""
    (problem,) = problems(tmp_path / "d.yaml", changed(example, "accounts.main.tag_keys", keys))

    assert "and IAM tells no cases apart; give each its own" in problem


@pytest.mark.parametrize(
    ("days", "mend"),
    [
        (10, "use 14"),
        (31, "use 30"),
        (45, "use 60"),
        (3650, "use 3653"),
        (9999, "use 1 to 3653, or 0 to keep all for good"),
        (-1, "use 1 to 3653, or 0 to keep all for good"),
    ],
)
def test_no_mend_of_a_retention_forgets_much_sooner(
    example: Content, tmp_path: Path, days: int, mend: str
) -> None:
    """M1. A mend that is followed does no harm: 10 days are not made 7."""
    data = changed(example, f"{ENVIRONMENT}.logs", {"retention_days": days})

    (problem,) = problems(tmp_path / "delivery.yaml", data)

    assert problem.endswith(f"offers; {mend}")


def test_a_retention_without_end_is_zero(
    example: Content, delivered: Callable[[Content, str], Content]
) -> None:
    """M1. Refused, and legal: in AWS 0 means that nothing is ever forgotten.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
    """
    data = changed(example, f"{ENVIRONMENT}.logs", {"retention_days": 0})

    content = delivered(data, "papyrus-production")

    assert content["resource"]["aws_cloudwatch_log_group"]["logs"]["retention_in_days"] == 0


def test_an_adopted_log_group_that_keeps_all_loses_nothing(example: Content, loaded: Load) -> None:
    """M1. Nothing is said to go where nothing goes."""
    data = changed(example, f"{ENVIRONMENT}.logs", {"retention_days": 0})

    loaded(changed(data, f"{ENVIRONMENT}.adopt", ["log_group"]))


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ("eusc-de-west-1", 'did you mean "eusc-de-east-1"?'),
        ("us-iso-east-1", "an isolated region, which no token of GitHub's reaches"),
        ("us-isob-west-1", "an isolated region, which no token of GitHub's reaches"),
        ("eu-isoe-west-1", "an isolated region, which no token of GitHub's reaches"),
        ("eu-wst-1", 'did you mean "eu-west-1"?'),
        ("EU-WEST-1", 'did you mean "eu-west-1"?'),
        ("us_gov_west_1", 'did you mean "us-gov-west-1"?'),
        ("ux-east-1", "use one of af-south-1, "),
        ("us-goof-west-1", 'did you mean "us-gov-west-1"?'),
    ],
)
def test_a_guess_of_a_region_stays_in_its_part_of_the_world(
    example: Content, tmp_path: Path, region: str, said: str
) -> None:
    """M6. ``eusc-de-east-1`` was taken for ``us-east-1``: another continent, another law."""
    (problem,) = problems(
        tmp_path / "delivery.yaml", changed(example, "accounts.main.region", region)
    )

    assert said in problem


def test_the_sovereign_cloud_has_a_partition_of_its_own(
    example: Content, delivered: Callable[[Content, str], Content]
) -> None:
    """M6. Refused, and legal. https://docs.aws.amazon.com/eusc/latest/userguide/arns.html."""
    data = changed(example, "accounts.main.region", "eusc-de-east-1")

    content = delivered(data, "papyrus-production")

    arns = [part for part in json.dumps(content).split('"') if part.startswith("arn:")]
    assert {arn.split(":")[1] for arn in arns} == {"aws-eusc"}


def test_the_regions_are_those_of_botocore() -> None:
    """Facts of a region stand in one table, and are AWS's own."""
    known = botocore.loaders.Loader().load_data("partitions")["partitions"]
    regions = {
        partition["id"]: tuple(
            sorted(region for region in partition["regions"] if not region.endswith("-global"))
        )
        for partition in known
        if "-iso" not in partition["id"]
    }

    assert {partition: tuple(sorted(of)) for partition, of in REGIONS_OF.items()} == regions
    assert partition_of("eusc-de-east-1") == "aws-eusc"


@pytest.mark.parametrize(
    ("region", "zones"),
    [
        ("ap-northeast-1", ["apne1-az1", "apne1-az2", "apne1-az4"]),
        ("us-west-1", ["usw1-az1", "usw1-az3"]),
        ("cn-north-1", ["cnn1-az1", "cnn1-az2"]),
        ("eu-west-1", None),
    ],
)
def test_tasks_run_where_fargate_is(
    example: Content, delivered: Callable[[Content, str], Content], region: str, zones: Any
) -> None:
    """F21. A default VPC has a subnet in each zone, and Fargate is not in all of them.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html
    """
    content = delivered(changed(example, "accounts.main.region", region), "papyrus-production")

    filters = content["data"]["aws_subnets"]["network_subnets"]["filter"]
    found = {each["name"]: each["values"] for each in filters}
    assert found.get("availability-zone-id") == zones


@pytest.mark.parametrize(
    ("disk", "said"),
    [
        (20, "20 is what it is without this; leave it out"),
        (19, "19 GiB is not offered; use 21 to 200, or leave it out for 20"),
        (201, "201 GiB is not offered; use 21 to 200, or leave it out for 20"),
    ],
)
def test_what_is_the_default_is_said_to_be_it(
    example: Content, tmp_path: Path, disk: int, said: str
) -> None:
    """F56. "Use 21 or more" made people pay for what they had: aws/aws-cdk#31291."""
    data = changed(example, "services.papyrus.task", {"ephemeral_storage": disk})

    assert problems(tmp_path / "d.yaml", data) == [
        f"services.papyrus.task.ephemeral_storage: {said}"
    ]


@pytest.mark.parametrize(
    ("build", "file"),
    [
        ({}, "Dockerfile"),
        ({"context": "apps/web"}, "apps/web/Dockerfile"),
        ({"context": "./apps/web/"}, "apps/web/Dockerfile"),
        ({"context": "."}, "Dockerfile"),
        ({"context": "apps/web", "dockerfile": "Dockerfile"}, "Dockerfile"),
        ({"dockerfile": "docker/prod.Dockerfile"}, "docker/prod.Dockerfile"),
    ],
)
def test_the_dockerfile_is_where_docker_looks(
    example: Content, loaded: Load, build: Content, file: str
) -> None:
    """F18. Writing out a default that the tool would have derived built the wrong image.

    docker/build-push-action#169 #1082
    """
    assert (
        loaded(changed(example, "services.papyrus.build", build)).services["papyrus"].build.file
        == file
    )


@pytest.mark.parametrize(
    "name",
    [
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:latest",
        "https://123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/web",
        "123456789012.dkr-ecr.eu-west-1.on.aws/web",
        "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com/web",
        "public.ecr.aws/web",
        "arn:aws:ecr:eu-west-1:123456789012:repository/web",
    ],
)
def test_a_registry_is_no_part_of_a_repositorys_name(
    example: Content, tmp_path: Path, name: str
) -> None:
    """F23. A shape that a wrong value passes is looked at twice: ECR takes dots and slashes."""
    data = changed(example, "services.papyrus.registry", {"name": name})

    (problem,) = problems(tmp_path / "delivery.yaml", data)

    assert problem.endswith("that of the account and the region; use web")


@pytest.mark.parametrize("name", ["docker.io/library/web", "a--b/c__d", "shop/web.v2", "ab"])
def test_a_name_that_ecr_takes_is_taken(example: Content, loaded: Load, name: str) -> None:
    """F23, the other way: https://docs.aws.amazon.com/AmazonECR/latest/APIReference."""
    loaded(changed(example, "services.papyrus.registry", {"name": name}))


TEXTS = [
    ("services.papyrus.tags", "cost-center"),
    ("accounts.main.tags", "cost-center"),
    ("services.papyrus.container.variables", "PIN"),
    (f"{ENVIRONMENT}.github.variables", "BUILD"),
]
SPELLINGS = ["0042", "0x1F", "0o17", "1_000", "+49", "-007", "1.10", "1e3", ".5", "-0"]


@pytest.mark.parametrize(("place", "key"), TEXTS)
@pytest.mark.parametrize("text", SPELLINGS)
def test_a_number_whose_text_says_more_is_put_in_quotes(
    example: Content, tmp_path: Path, place: str, key: str, text: str
) -> None:
    """F17. A scalar's text is lost before the model sees it: cloudposse/atmos#410.

    In quotes it passes, and arrives as it was written: roboll/helmfile#1248.
    """
    path = tmp_path / "delivery.yaml"

    (problem,) = _report(path, changed(example, place, {key: "SPELLED"}), text)

    assert problem.endswith("; put it in quotes")
    assert text in problem
    _write(path, changed(example, place, {key: "SPELLED"}), f'"{text}"')
    load(path)


@pytest.mark.parametrize("text", ["42", "0", "-7", "1000000"])
def test_a_number_in_its_decimal_form_is_text(example: Content, tmp_path: Path, text: str) -> None:
    """F17, the other way: a port or a count among variables is nobody's mistake."""
    path = tmp_path / "delivery.yaml"
    _write(path, changed(example, "services.papyrus.container.variables", {"N": "SPELLED"}), text)

    assert _delivery(load(path)).container.variables == {"N": text}


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("services.papyrus.container.command", "[serve, 04]"),
        (f"{HEALTH}.command", "[check, 0x1F]"),
        ("services.papyrus.repository", "0042"),
        (f"{ENVIRONMENT}.service_name", "1_000"),
        (f"{ENVIRONMENT}.logs.name", "007"),
        (f"{ENVIRONMENT}.github.name", "1.10"),
        ("services.papyrus.registry.name", "true"),
    ],
)
def test_text_is_text_wherever_it_is_meant(
    example: Content, tmp_path: Path, place: str, text: str
) -> None:
    """F17. In a command, and in every name."""
    (problem,) = _report(tmp_path / "delivery.yaml", changed(example, place, "SPELLED"), text)

    assert problem.endswith("; put it in quotes")


def _write(path: Path, data: Content, text: str) -> None:
    path.write_text(json.dumps(data, indent=2).replace('"SPELLED"', text))


def _report(path: Path, data: Content, text: str) -> list[str]:
    _write(path, data, text)
    with pytest.raises(BadDeliveryFileError) as refused:
        load(path)
    return [line.split("  ", 2)[-1] for line in str(refused.value).splitlines()[1:]]


@pytest.mark.parametrize(
    ("place", "arn", "name"),
    [
        (
            f"{ENVIRONMENT}.cluster",
            {"existing": "arn:aws:ecs:eu-west-1:1:cluster/shared"},
            "shared",
        ),
        (f"{ENVIRONMENT}.service_name", "arn:aws:ecs:eu-west-1:1:service/shared/web", "web"),
        ("services.papyrus.task", {"task_role_name": "arn:aws:iam::1:role/web"}, "web"),
        (
            f"{ENVIRONMENT}.logs",
            {"name": "arn:aws:logs:x:1:log-group:/ecs/web:*"},
            "/ecs/web",
        ),
    ],
)
def test_an_arn_is_no_name(
    example: Content, tmp_path: Path, place: str, arn: Any, name: str
) -> None:
    """F23's neighbours: what people copy from the console is told to be more than the name."""
    (problem,) = problems(tmp_path / "delivery.yaml", changed(example, place, arn))

    assert problem.endswith(f"is an ARN; use the name alone: {name}")


@pytest.mark.parametrize(
    ("secret", "warned"),
    [
        ("papyrus/db-passwd", True),
        ("my-secret", True),
        ("papyrus-AbCdEf", False),
        ("papyrus-a1b2c3", False),
        ("papyrus-secret-XyZ012:key::", False),
        ("papyrus-secret:key::", True),
    ],
)
def test_a_name_that_looks_like_a_suffix_is_looked_at_twice(
    example: Content, tmp_path: Path, secret: str, warned: bool
) -> None:
    """A shape that a wrong value passes: ``my-secret`` without what AWS puts behind it."""
    path, said = tmp_path / "delivery.yaml", list[str]()
    arn = f"arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:{secret}"
    path.write_text(
        json.dumps(changed(example, "services.papyrus.container.secrets", {"TOKEN": arn}))
    )

    load(path, warn=said.append)

    assert any("reads like the end of a name" in line for line in said) is warned


@pytest.mark.parametrize("others", [False, True])
def test_iam_tells_no_cases_apart_in_the_names_of_roles(
    example: Content, tmp_path: Path, others: bool
) -> None:
    """Names that AWS folds: two roles ``Web`` and ``web`` are one, of one environment or of two.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    data = changed(example, f"{ENVIRONMENT}.task", {"task_role_name": "Web"})
    if others:
        staging = {**data["services"]["papyrus"]["environments"]["production"]}
        staging |= {"task": {"task_role_name": "web"}, "registry": {"from": "production"}}
        data = changed(data, "services.papyrus.environments.staging", staging)
    else:
        data = changed(data, f"{ENVIRONMENT}.trust", {"role_name": "web"})

    (problem,) = problems(tmp_path / "delivery.yaml", data)

    said = "owns the role" if others else "would both be called"
    assert said in problem


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("services.papyrus.container.variables", {"spring.profiles.active": "prod"}),
        ("services.papyrus.container.variables", {"Logging:Level": "info"}),
        ("services.papyrus.build", {"runs_on": ["self-hosted", "windows-2022"]}),
        ("services.papyrus.build", {"runs_on": "macos-builders"}),
        ("services.papyrus.container.image", f"ghcr.io/acme/web@sha256:{'0a' * 32}"),
        ("state", {"s3": {"bucket": "a.b-c", "region": "eu-west-1"}}),
    ],
)
def test_what_the_service_takes_is_taken(
    example: Content, loaded: Load, path: str, value: Any
) -> None:
    """Refused, and legal: the models against the service's own reference."""
    loaded(changed(example, path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("services.papyrus.container.image", "nginx@sha256:0a"),
        ("services.papyrus.container.image", "nginx@latest"),
        ("services.papyrus.container.image", "a" * 256),
        ("services.papyrus.container.image", f"sha256:{'0a' * 32}"),
        ("services.papyrus.container.image", "https://ghcr.io/acme/web"),
        ("services.papyrus.build", {"dockerfile": "-"}),
        ("services.papyrus.build", {"dockerfile": "docker/"}),
        ("services.papyrus.build", {"runs_on": "windows-latest"}),
        ("services.papyrus.build", {"runs_on": "macos-14"}),
        ("accounts.main.role_path", "/aws-service-role/delivery/"),
        ("state", {"s3": {"bucket": "a..b", "region": "eu-west-1"}}),
        ("state", {"s3": {"bucket": "10.0.0.1", "region": "eu-west-1"}}),
    ],
)
def test_what_the_service_refuses_is_refused(
    example: Content, tmp_path: Path, path: str, value: Any
) -> None:
    """Accepted, and refused by AWS: the same the other way."""
    assert len(problems(tmp_path / "delivery.yaml", changed(example, path, value))) == 1


@pytest.mark.parametrize("blocks", [61, 60])
def test_a_security_group_has_so_many_rules(example: Content, tmp_path: Path, blocks: int) -> None:
    """A quota that can be raised is no refusal, and IPv6 is counted apart.

    https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
    """
    path, said = tmp_path / "delivery.yaml", list[str]()
    ingress = [f"10.{number}.0.0/16" for number in range(blocks)] + ["2001:db8::/32"]
    path.write_text(json.dumps(changed(example, f"{ENVIRONMENT}.network", {"ingress": ingress})))

    load(path, warn=said.append)

    assert [line for line in said if "61 rules of IPv4" in line] == said[: blocks == 61]


WORKER = {"account": "main", "deploy_from": {"branches": ["main"], "tags": ["v*.*.*"]}}


@pytest.mark.parametrize(
    ("service", "environment", "said"),
    [
        ({"registry": {"name": "papyrus"}}, {}, "run its image with image_of: papyrus"),
        ({}, {"registry": {"from": "papyrus.production"}}, "runs here with image_of: papyrus"),
        ({}, {"registry": {"from": "papyrus"}}, "runs here with image_of: papyrus"),
    ],
)
def test_two_services_of_one_image_are_sent_in_no_circle(
    example: Content, tmp_path: Path, loaded: Load, service: Any, environment: Any, said: str
) -> None:
    """M5. ``registry.name`` sent to ``registry.from``, and that, of one service alone, back."""
    worker = {"repository": "Papyrus", "environments": {"production": {**WORKER, **environment}}}
    wrong = changed(example, "services.worker", {**worker, **service})

    assert any(said in line for line in problems(tmp_path / "delivery.yaml", wrong))
    right = {**worker, "environments": {"production": WORKER}, "image_of": "papyrus"}
    assert len([*loaded(changed(example, "services.worker", right)).deliveries()]) == 2


def test_a_group_is_there_before_the_one_that_tasks_use_goes(
    example: Content, delivered: Callable[[Content, str], Content]
) -> None:
    """S2. Another VPC replaces the group, and AWS deletes none in use: DependencyViolation."""
    content = delivered(example, "papyrus-production")

    (group,) = content["resource"]["aws_security_group"].values()
    assert group["lifecycle"] == {"create_before_destroy": True}


def test_a_provider_that_others_use_keeps_their_audiences(
    example: Content, delivered: Callable[[Content, str], Content]
) -> None:
    """S4. The plan says what lacks and takes nothing: unfunco/terraform-aws-oidc-github#35."""
    content = delivered(changed(example, "accounts.main.oidc_provider", "adopt"), "account-main")

    (provider,) = content["resource"]["aws_iam_openid_connect_provider"].values()
    assert provider["lifecycle"]["ignore_changes"] == ["client_id_list"]
    assert "contains(self.client_id_list" in provider["lifecycle"]["postcondition"][0]["condition"]


def test_a_service_is_adopted_as_it_is_said_to_be(example: Content, tmp_path: Path) -> None:
    """S3. Six tasks became one in the default VPC: hashicorp/terraform-provider-aws#335 #752."""
    (problem,) = problems(
        tmp_path / "delivery.yaml", changed(example, f"{ENVIRONMENT}.adopt", ["service"])
    )

    for key in ("count (to 1)", "network (to", "task.cpu (to", "task.memory (to"):
        assert key in problem


@pytest.mark.parametrize(("begin", "end"), [("\ufeff", "\n"), ("", "\r\n"), ("\ufeff", "\r\n")])
def test_a_file_that_windows_wrote_is_read(tmp_path: Path, begin: str, end: str) -> None:
    """Right today: a byte order mark, and lines as ``autocrlf`` has them."""
    path = tmp_path / "delivery.yaml"
    text = begin + "\n".join(EXAMPLE.read_text().splitlines()).replace("\n", end)
    path.write_bytes(text.encode())

    assert load(path).in_order() == load(EXAMPLE).in_order()


@pytest.mark.parametrize(
    ("place", "key"),
    [
        (f"{ENVIRONMENT}.logs", {"kms_key": "alias/logs"}),
        (f"{ENVIRONMENT}.logs", {"kms_key": "arn:aws:kms:eu-west-1:123456789012:alias/logs"}),
        ("services.papyrus.registry", {"encryption": "alias/images"}),
    ],
)
def test_an_alias_is_no_key(example: Content, tmp_path: Path, place: str, key: Any) -> None:
    """Right today: CloudWatch takes no alias, and ECR keeps what it stands for."""
    (problem,) = problems(tmp_path / "delivery.yaml", changed(example, place, key))

    assert "alias/" in problem


@pytest.mark.parametrize(
    ("place", "typed", "mend"),
    [
        ("services.papyrus.repository", "https://github.com/acme/web", 'here use "web"'),
        ("services.papyrus.repository", "acme/web", 'here use "web"'),
        ("services.papyrus.repository", "git@github.com:acme/web", 'here use "web"'),
        (f"{ENVIRONMENT}.deploy_from", {"branches": ["refs/heads/main"]}, 'alone: "main"'),
        (f"{ENVIRONMENT}.deploy_from", {"tags": ["refs/tags/v*"]}, 'alone: "v*"'),
        (f"{ENVIRONMENT}.github", {"reviewers": {"teams": ["@acme/ops"]}}, "as it stands in the"),
        (f"{ENVIRONMENT}.github", {"reviewers": {"teams": ["Ops Team"]}}, "as it stands in the"),
        (f"{ENVIRONMENT}.github", {"reviewers": {"users": ["@octocat"]}}, "1 to 39 letters"),
    ],
)
def test_what_is_typed_by_habit_is_told(
    example: Content, tmp_path: Path, place: str, typed: Any, mend: str
) -> None:
    """Right today: full refs, addresses and handles where a name stands."""
    (problem,) = problems(tmp_path / "delivery.yaml", changed(example, place, typed))

    assert mend in problem


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("services", None, "services: nothing stands here; write a mapping of keys to values"),
        ("github", None, "github: nothing stands here; write a mapping of keys to values"),
        (f"{ENVIRONMENT}.deploy_from.branches", None, "nothing stands here; write a list"),
        ("services.papyrus.repository", None, "nothing stands here; write text"),
        ("version", "1", "version: '1' is text; remove the quotes"),
        ("services.papyrus.container.port", True, "True is not what stands here; use a whole"),
    ],
)
def test_what_is_wrong_is_said(
    example: Content, tmp_path: Path, place: str, value: Any, said: str
) -> None:
    """M8. "nothing is not what stands here" said nothing to whoever had forgotten a value."""
    found = problems(tmp_path / "delivery.yaml", changed(example, place, value))

    assert any(said.lower() in problem.lower() for problem in found)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (
            "state",
            {
                "s3": {
                    "bucket": "state",
                    "region": "eu-west-1",
                    "kms_key": "arn:aws:kms:us-east-1:123456789012:key/"
                    "11111111-2222-3333-4444-555555555555",
                }
            },
            "state.s3.kms_key: lies in us-east-1, and the bucket in eu-west-1",
        ),
        (
            "accounts.main.assume_role",
            "arn:aws-cn:iam::123456789012:role/terraform",
            "accounts.main.assume_role: a role of the partition aws-cn, and ap-northeast-1 lies in",
        ),
    ],
)
def test_what_terraform_itself_uses_lies_where_it_works(
    example: Content, tmp_path: Path, place: str, value: Any, said: str
) -> None:
    """N5's neighbours, of the backend and of the provider."""
    (problem,) = problems(tmp_path / "delivery.yaml", changed(example, place, value))

    assert problem.startswith(said)

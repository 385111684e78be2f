"""The delivery file: every bad input gets its line, its path, its value and the mend."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.config import BadDeliveryFileError, DeliveryFile, load
from keyless_ecs.config.task import SIZES
from tests.conftest import EXAMPLE, Content
from tests.support.config import changed, problems, with_runners

ENVIRONMENT = "services.papyrus.environments.production"
LONG = "a-name-of-a-service-that-is-much-too-long-for-iam"


BAD_INPUTS = [
    (
        "accounts.main.id",
        123456789012,
        "accounts.main.id: 123456789012 is a number to YAML, which drops leading zeros; "
        'quote the account id: "123456789012"',
    ),
    (
        "accounts.main.id",
        "12345",
        "accounts.main.id: '12345' is not an account id; "
        'use its 12 digits, in quotes: "123456789012"',
    ),
    (
        "accounts.main.region",
        "ap-norteast-1",
        "accounts.main.region: 'ap-norteast-1' is not an AWS region; "
        'did you mean "ap-northeast-1"?',
    ),
    (
        "accounts.main.role_path",
        "delivery",
        "accounts.main.role_path: 'delivery' is not an IAM path of yours; "
        'begin and end with a slash: "/" or "/delivery/"',
    ),
    (
        "accounts.main.assume_role",
        "terraform",
        "accounts.main.assume_role: 'terraform' is not a role's ARN; "
        "use arn:aws:iam::<account id>:role/<name>",
    ),
    (
        "accounts.main.assume_role",
        "arn:aws:iam::210987654321:role/terraform",
        "accounts.main.assume_role: a role of 210987654321, where the provider refuses to work "
        "for 123456789012; name a role of 123456789012",
    ),
    (
        "accounts.main.tags",
        {"aws:team": "x"},
        "accounts.main.tags.aws:team: 'aws:team' is not the key of a tag; "
        "use 1 to 128 characters that do not begin with aws:",
    ),
    (
        "services.papyrus.tags",
        {"note": "x" * 257},
        f"services.papyrus.tags.note: '{'x' * 60}…' is not a tag; use at most 256 characters",
    ),
    (
        "github.code_owners",
        ["acme/platform"],
        "github.code_owners.0: 'acme/platform' is not a code owner; "
        'use "@user", "@organization/team" or an e-mail address',
    ),
    (
        "services.papyrus.task.cpu",
        300,
        "services.papyrus.task.cpu: 300 is not a Fargate size; "
        "use 256, 512, 1024, 2048, 4096, 8192 or 16384",
    ),
    (
        "services.papyrus.task.memory",
        700,
        "services.papyrus.task.memory: 700 MiB is not offered with cpu 256; use 512, 1024 or 2048",
    ),
    (
        f"{ENVIRONMENT}.task",
        {"cpu": 16384, "memory": 65537},
        f"{ENVIRONMENT}.task.memory: 65537 MiB is not offered with cpu 16384; "
        "use 32768 to 122880 in steps of 8192",
    ),
    (
        "services.papyrus.task.cpu",
        "much",
        "services.papyrus.task.cpu: 'much' is not what stands here; use a whole number",
    ),
    (
        "services.papyrus.registry.name",
        "Papyrus",
        "services.papyrus.registry.name: 'Papyrus' is not an ECR repository name; "
        "use lower-case letters and digits, with single . _ - or / between them",
    ),
    (
        "services.papyrus.registry.tags",
        "frozen",
        "services.papyrus.registry.tags: 'frozen' is not known; use 'mutable' or 'immutable'",
    ),
    (
        "services.papyrus.registry.keep_images",
        0,
        "services.papyrus.registry.keep_images: 0 is too small; use 1 or more",
    ),
    (
        "services.papyrus.registry.encryption",
        "rot13",
        "services.papyrus.registry.encryption: 'rot13' is not an encryption; "
        "use AES256, KMS (AWS's own key) or a KMS key's ARN",
    ),
    (
        "services.papyrus.repository",
        "Nickelth/Papyrus",
        "services.papyrus.repository: 'Nickelth/Papyrus' is more than the repository's name; "
        'the owner stands in github.owner, here use "Papyrus"',
    ),
    (
        "services.papyrus.repository",
        "Pap*",
        "services.papyrus.repository: 'Pap*' holds a wildcard, "
        "which would trust what others can create; name exactly one",
    ),
    (
        "github.owner",
        "*",
        "github.owner: '*' holds a wildcard, which would trust what others can create; "
        "name exactly one",
    ),
    (
        "github.owner",
        "-x",
        "github.owner: '-x' is not a GitHub user or organization; "
        "use 1 to 39 letters, digits and single hyphens",
    ),
    (
        "github.owner_id",
        "Nickelth",
        "github.owner_id: 'Nickelth' is not a GitHub id; use the number that GitHub's API gives",
    ),
    (
        "github.audience",
        "sts.amazon.com",
        "github.audience: 'sts.amazon.com' is a common misspelling that no token carries; "
        "use sts.amazonaws.com",
    ),
    (
        f"{ENVIRONMENT}.account",
        "mian",
        f"{ENVIRONMENT}.account: 'mian' is not under accounts; did you mean \"main\"?",
    ),
    (
        f"{ENVIRONMENT}.acount",
        "main",
        f'{ENVIRONMENT}.acount: unknown key; did you mean "account"?',
    ),
    (
        f"{ENVIRONMENT}.region",
        "cn-north-1",
        f"{ENVIRONMENT}.region: cn-north-1 lies outside the partition aws of the account; "
        "use a region of that partition or another account",
    ),
    (
        f"{ENVIRONMENT}.logs.retention_days",
        31,
        f"{ENVIRONMENT}.logs.retention_days: "
        "31 days is not a retention that CloudWatch offers; use 30",
    ),
    (
        f"{ENVIRONMENT}.deploy_from",
        {},
        f"{ENVIRONMENT}.deploy_from: no branch and no tag may deploy; name one: branches: [main]",
    ),
    (
        f"{ENVIRONMENT}.deploy_from.branches",
        ["*"],
        f"{ENVIRONMENT}.deploy_from.branches.0: "
        "'*' matches every ref, so whoever can push could deploy; name them: main",
    ),
    (
        f"{ENVIRONMENT}.deploy_from.branches",
        ["refs/heads/main"],
        f"{ENVIRONMENT}.deploy_from.branches.0: "
        "'refs/heads/main' is a full ref; use the name alone: \"main\"",
    ),
    (
        f"{ENVIRONMENT}.deploy_from.branches",
        ["main", "main"],
        f"{ENVIRONMENT}.deploy_from.branches: 'main' stands there twice; leave one out",
    ),
    (
        f"{ENVIRONMENT}.github.as_secrets",
        ["AWS_REGION", "AWS_REGION"],
        f"{ENVIRONMENT}.github.as_secrets: 'AWS_REGION' stands there twice; leave one out",
    ),
    (
        "services.papyrus.task.task_role_policies",
        ["arn:aws:iam::aws:policy/Read", "arn:aws:iam::123456789012:policy/x/Read"],
        "services.papyrus.task.task_role_policies: two policies are named Read; "
        "leave one out or rename it",
    ),
    (
        f"{ENVIRONMENT}.deploy_from.tags",
        ["v?"],
        f"{ENVIRONMENT}.deploy_from.tags.0: 'v?' is not a branch or tag pattern; "
        "use a name in which * stands for any characters "
        "(? [ ] + mean different things to Git, GitHub and AWS)",
    ),
    (
        f"{ENVIRONMENT}.github.variables",
        {"GITHUB_X": "1"},
        f"{ENVIRONMENT}.github.variables.GITHUB_X: "
        "'GITHUB_X' begins with GITHUB_, which GitHub reserves; choose another",
    ),
    (
        f"{ENVIRONMENT}.github.variables",
        {"1ST": "1"},
        f"{ENVIRONMENT}.github.variables.1ST: '1ST' is not a name for a variable or secret; "
        "use letters, digits and _, no digit first",
    ),
    (
        f"{ENVIRONMENT}.github.variables",
        {"aws_region": "x"},
        f"{ENVIRONMENT}.github.variables.aws_region: "
        "'aws_region' is set from the AWS resources already; choose another name",
    ),
    (
        f"{ENVIRONMENT}.github.variables",
        {"FLAG": True},
        f"{ENVIRONMENT}.github.variables.FLAG: true is not text to YAML; put it in quotes",
    ),
    (
        f"{ENVIRONMENT}.github.variables",
        {"A": "1", "a": "2"},
        f"{ENVIRONMENT}.github.variables.a: GitHub takes it for A, which stands above; "
        "keep one of them",
    ),
    (
        f"{ENVIRONMENT}.github",
        {"variables": {"a": "1"}, "secrets": {"A": "variable"}},
        f"{ENVIRONMENT}.github.variables.a: stands among the secrets as well; "
        "keep it in one of them",
    ),
    (
        f"{ENVIRONMENT}.github.secrets",
        {"TOKEN": "hunter2"},
        f"{ENVIRONMENT}.github.secrets.TOKEN: a secret's value never stands in this file; "
        'write "variable" and pass it as TF_VAR_secret_<NAME>, or {sealed: <base64>}',
    ),
    (
        f"{ENVIRONMENT}.github.name",
        "a\nb",
        f"{ENVIRONMENT}.github.name: 'a\\nb' is not a GitHub environment name; "
        "use printable characters, none blank at its ends and no ${ or %{",
    ),
    (
        f"{ENVIRONMENT}.github.reviewers",
        {"users": ["a", "b", "c", "d"], "teams": ["e", "f", "g"]},
        f"{ENVIRONMENT}.github.reviewers: "
        "4 users and 3 teams are more than the 6 reviewers that GitHub takes; make them a team",
    ),
    (
        f"{ENVIRONMENT}.registry",
        {"from": "production"},
        f"{ENVIRONMENT}.registry.from: 'production' is not another environment of this service; "
        "there is none; leave it out",
    ),
    (
        "services.papyrus.registry",
        {"from": "production"},
        "services.papyrus.registry.from: set in the service it would leave no owner; "
        "set it in an environment",
    ),
    (
        "services.papyrus.container.command",
        "npm start",
        "services.papyrus.container.command: 'npm start' is one string; "
        "write the words as a list: [npm, start]",
    ),
    (
        "services.papyrus.container.secrets",
        {"DB": "hunter2"},
        "services.papyrus.container.secrets.DB: the value names no secret; "
        "use the ARN of an SSM parameter, or of a Secrets Manager secret "
        "with the six characters that AWS put behind its name",
    ),
    (
        "services.papyrus.container.variables",
        {"A": "${TfToken[TOKEN.0]}"},
        'services.papyrus.container.variables.A: "TfToken[" marks a reference inside CDKTF; '
        "write the text without it",
    ),
    (
        "services.papyrus.container",
        {
            "variables": {"A": "1"},
            "secrets": {"A": "arn:aws:ssm:eu-west-1:123456789012:parameter/a"},
        },
        "services.papyrus.container: A: both variable and secret; keep one of them",
    ),
    (
        f"{ENVIRONMENT}.network.subnets",
        ["10.0.0.0/8"],
        f"{ENVIRONMENT}.network.subnets.0: '10.0.0.0/8' is not a subnet id; "
        "use subnet-<8 to 17 hex digits>",
    ),
    (
        f"{ENVIRONMENT}.network.ingress",
        ["10.0.0.1/8"],
        f"{ENVIRONMENT}.network.ingress.0: '10.0.0.1/8' is not a CIDR block "
        "(10.0.0.1/8 has host bits set); use 10.0.0.0/8",
    ),
    (
        f"{ENVIRONMENT}.deployment",
        {"maximum_percent": 100},
        f"{ENVIRONMENT}.deployment: 100 to 100 percent leaves ECS no room to replace a task; "
        "lower minimum_healthy_percent or raise maximum_percent",
    ),
    (
        "state",
        {"s3": {"bucket": "B", "region": "eu-west-1"}},
        "state.s3.bucket: 'B' is not an S3 bucket name; "
        "use 3 to 63 lower-case letters, digits, dots and hyphens",
    ),
    ("version", 2, "version: 2 is not known; use 1"),
    ("services", {}, "services: an empty mapping is too few; use at least 1"),
]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    BAD_INPUTS,
    ids=[message.split(":")[0] for *_, message in BAD_INPUTS],
)
def test_bad_input_is_refused(
    tmp_path: Path, example: Content, path: str, value: Any, message: str
) -> None:
    """One problem, one message, with the place, the value and the mend."""
    assert problems(tmp_path / "bad.yaml", changed(example, path, value)) == [message]


def test_role_names_end_at_64_characters(tmp_path: Path, example: Content) -> None:
    """IAM takes no more, and the apply would fail half way."""
    example["services"] = {LONG: example["services"]["papyrus"]}

    assert problems(tmp_path / "bad.yaml", example) == [
        f"services.{LONG}.environments.production: the role {LONG}-production-task-execution "
        "would have 75 characters and IAM takes 64; "
        "shorten the name of the service or of the environment"
    ]


def test_one_name_has_one_owner(tmp_path: Path, example: Content) -> None:
    """Two stacks that own one thing undo each other's work; the message says how to share."""
    environments = example["services"]["papyrus"]["environments"]
    environments["staging"] = copy.deepcopy(environments["production"])

    assert problems(tmp_path / "bad.yaml", example) == [
        "services.papyrus.environments.staging: "
        "papyrus.production owns the ECR repository papyrus already; "
        "share it with registry: {from: <the other environment>}, "
        "or give each its own with registry: {name: …}"
    ]


def test_services_of_one_repository_need_environments_of_their_own(
    tmp_path: Path, example: Content
) -> None:
    """A GitHub environment holds the variables of one service."""
    example["services"]["scroll"] = copy.deepcopy(example["services"]["papyrus"])

    assert problems(tmp_path / "bad.yaml", example) == [
        "services.scroll.environments.production: papyrus.production owns the "
        "GitHub environment papyrus:production already; "
        "give one of them another, as github: {name: scroll-production}"
    ]


def test_names_that_meet_in_one_stack_are_refused(tmp_path: Path, example: Content) -> None:
    """``a-b`` in ``c`` and ``a`` in ``b-c`` would be one stack, and so one state."""
    papyrus = example["services"]["papyrus"]
    environment = papyrus["environments"]["production"]
    example["services"] = {
        "a-b": {**papyrus, "repository": "one", "environments": {"c": environment}},
        "a": {**papyrus, "repository": "two", "environments": {"b-c": environment}},
    }

    report = problems(tmp_path / "bad.yaml", copy.deepcopy(example))
    assert (
        "services.a.environments.b-c: a-b.c owns the role a-b-c-deploy already; "
        "give each its own with trust: {role_name: …}"
    ) in report
    assert any("owns the stack a-b-c already" in line for line in report)


def test_an_adopted_service_is_described(tmp_path: Path, example: Content) -> None:
    """What is not said would be reset by the first apply, to one task in the default VPC.

    hashicorp/terraform-provider-aws#335, #752
    """
    example["services"]["papyrus"]["task"] = {"cpu": 256}
    production = example["services"]["papyrus"]["environments"]["production"]
    for adopt in ("all", ["service"]):
        production["adopt"] = adopt
        (problem,) = problems(tmp_path / "delivery.yaml", example)
        assert "production.adopt: a service is adopted, and would be reset" in problem
        assert "count (to 1), network (to the default VPC" in problem
        assert "task.memory (to 512)" in problem
        assert "task.cpu" not in problem

    example["services"]["papyrus"]["task"]["memory"] = 512
    example["defaults"] = {"count": 1, "network": {"public_ip": True}}
    (tmp_path / "delivery.yaml").write_text(json.dumps(example))
    load(tmp_path / "delivery.yaml")


def test_a_former_key_stands_nowhere_else(tmp_path: Path, example: Content) -> None:
    """What is named after it keeps its name, so no other may have it."""
    example["accounts"]["main"]["was"] = "main"
    production = example["services"]["papyrus"]["environments"]["production"]
    environments = {
        "live": {**production, "was": ["prod", "old"]},
        "canary": {**production, "was": "live"},
        "preview": {**production, "was": "old"},
    }
    example["services"]["papyrus"]["environments"] = environments

    found = problems(tmp_path / "delivery.yaml", example)
    here = "services.papyrus.environments"
    stands = "stands in the file, and was names a key that is gone"
    for line in (
        f"accounts.main.was: 'main' {stands}; leave it out",
        f"{here}.canary.was: 'live' {stands}; give that one another key, or leave it out",
        f"{here}.preview.was: 'old' was live already; keep it where the state is",
    ):
        assert line in found


def test_an_account_has_one_provider_per_url(tmp_path: Path, example: Content) -> None:
    """The second create would fail at apply."""
    example["accounts"]["again"] = dict(example["accounts"]["main"])

    assert problems(tmp_path / "bad.yaml", example) == [
        "accounts.again.id: 123456789012 is accounts.main already, "
        "and an account has one OIDC provider per URL; "
        "use that account, or set oidc_provider: existing here"
    ]


def test_what_was_cut_out_is_not_missed(tmp_path: Path, example: Content) -> None:
    """A branch that is refused stands there: nobody is told to name one."""
    environment = example["services"]["papyrus"]["environments"]["production"]
    environment["deploy_from"] = {"branches": ["refs/heads/main"]}

    assert problems(tmp_path / "bad.yaml", example) == [
        "services.papyrus.environments.production.deploy_from.branches.0: "
        "'refs/heads/main' is a full ref; use the name alone: \"main\""
    ]


def test_an_image_does_not_cross_partitions(tmp_path: Path, example: Content) -> None:
    """ECR would refuse the policy that lets the other account pull, at apply."""
    example["accounts"]["china"] = {"id": "210987654321", "region": "cn-north-1"}
    environments = example["services"]["papyrus"]["environments"]
    environments["beijing"] = {
        "account": "china",
        "deploy_from": {"branches": ["main"]},
        "registry": {"from": "production"},
    }

    assert problems(tmp_path / "bad.yaml", example) == [
        "services.papyrus.environments.beijing.registry.from: production is in the partition aws "
        "and this one in aws-cn: neither lets in roles of the other; leave it out"
    ]


@pytest.mark.parametrize(("cpu", "sizes"), SIZES.items())
def test_every_fargate_size_is_taken(
    example: Content,
    loaded: Callable[[Content], DeliveryFile],
    cpu: int,
    sizes: tuple[int, ...],
) -> None:
    """What AWS offers is never refused."""
    for memory in (sizes[0], sizes[-1]):
        task = {"cpu": cpu, "memory": memory}
        (delivery,) = loaded(changed(example, "services.papyrus.task", task)).deliveries()
        assert (delivery.task.cpu, delivery.task.memory) == (cpu, memory)


def test_all_problems_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    """One run shows them all: typing errors, wrong values and contradictions between parts."""
    path = tmp_path / "delivery.yaml"
    text = (EXAMPLE).read_text()
    path.write_text(
        text.replace("owner: Nickelth", "owner: Nick*")
        .replace("port: 8080", "prot: 8080")
        .replace("account: main", "account: mian")
    )

    with pytest.raises(BadDeliveryFileError) as refused:
        load(path)
    assert str(refused.value) == (
        f"{path}: 3 problems\n"
        "  line 3  github.owner: 'Nick*' holds a wildcard, "
        "which would trust what others can create; name exactly one\n"
        '  line 12  services.papyrus.container.prot: unknown key; did you mean "port"?\n'
        "  line 15  services.papyrus.environments.production.account: "
        "'mian' is not under accounts; did you mean \"main\"?"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a mapping; begin with version: 1"),
        (b"- a\n", "not a mapping; begin with version: 1"),
        (b"a: [\n", "line 2: not YAML"),
        (
            b"version: 1\nversion: 1\n",
            "line 2  version: stands there twice, in lines 1 and 2; keep one of them",
        ),
        (b"\xff\xfe\x00", "not text in UTF-8; save it in that encoding"),
        (None, "no such file; name yours with --config FILE, or begin one with the command init"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    """No traceback: the file, the line where there is one, and the mend."""
    path = tmp_path / "delivery.yaml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(BadDeliveryFileError) as refused:
        load(path)
    assert str(refused.value).startswith(f"{path}: 1 problem\n  {message}")


def test_a_secrets_value_is_never_printed(tmp_path: Path, example: Content) -> None:
    """Not even in the message that refuses it."""
    for path in (f"{ENVIRONMENT}.github.secrets", "services.papyrus.container.secrets"):
        for value in ("hunter2", ["hunter2"], {"sealed": "hunter2"}, {"hunter2": 1}):
            report = "\n".join(
                problems(tmp_path / "bad.yaml", changed(example, path, {"TOKEN": value}))
            )
            assert "hunter2" not in report.replace("TOKEN.hunter2: unknown key", "")


def test_numbers_may_stand_for_text(
    example: Content, loaded: Callable[[Content], DeliveryFile]
) -> None:
    """``PORT: 8080`` needs no quotes, because nothing of it can be lost."""
    data = changed(example, "services.papyrus.container.variables", {"PORT": 8080})

    (delivery,) = loaded(data).deliveries()
    assert delivery.container.variables == {"PORT": "8080"}


TRUST = f"{ENVIRONMENT}.trust"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"github.issuer": "https://evil.example"},
            "github.issuer: 'https://evil.example' is not an issuer of GitHub's tokens; "
            "use https://token.actions.githubusercontent.com, with /<enterprise> behind it where "
            "that has an issuer of its own, https://token.actions.<name>.ghe.com, "
            "or https://<host>/_services/token for GitHub Enterprise Server",
        ),
        (
            {"github.issuer": "https://ghe.acme.com/_services/token", f"{TRUST}.workflow": True},
            f"{TRUST}.workflow: AWS checks only aud and sub of GitHub Enterprise Server; "
            "leave it out",
        ),
        (
            {
                "github.issuer": "https://ghe.acme.com/_services/token",
                f"{TRUST}.subject": "immutable",
            },
            f"{TRUST}.subject: GitHub Enterprise Server presents no immutable subject; use legacy",
        ),
        (
            {f"{TRUST}.by": "ref", f"{ENVIRONMENT}.github.wait_minutes": 5},
            f"{TRUST}.by: no environment binds these jobs, "
            "so github.wait_minutes would do nothing; leave it out or use by: environment",
        ),
        (
            {f"{TRUST}.by": "branch"},
            f"{TRUST}.by: 'branch' is not known; use 'environment' or 'ref'",
        ),
        ({f"{TRUST}.session_hours": 13}, f"{TRUST}.session_hours: 13 is too large; use 12 or less"),
        (
            {"services.papyrus.repository_id": "R_kgDO"},
            "services.papyrus.repository_id: 'R_kgDO' is not a GitHub id; "
            "use the number that GitHub's API gives",
        ),
    ],
)
def test_a_subject_that_no_job_presents_is_refused(
    tmp_path: Path, example: Content, changes: dict[str, Any], message: str
) -> None:
    """Trust that could never be met, or never be kept, is no setting."""
    for path, value in changes.items():
        example = changed(with_runners(example), path, value)

    assert problems(tmp_path / "bad.yaml", example) == [message]


def test_jobs_without_environment_are_alone_in_their_repository(
    tmp_path: Path, example: Content
) -> None:
    """Nothing would tell them which delivery they belong to."""
    example = changed(example, f"{TRUST}.by", "ref")
    environments = example["services"]["papyrus"]["environments"]
    environments["staging"] = {
        "account": "main",
        "deploy_from": {"branches": ["main"]},
        "registry": {"from": "production"},
    }

    assert problems(tmp_path / "bad.yaml", example) == [
        f"{TRUST}.by: Papyrus has more than one environment, "
        "and jobs without one cannot tell which they deploy to; use by: environment"
    ]

    environments["staging"]["trust"] = {"by": "ref"}
    both = problems(tmp_path / "bad.yaml", example)
    assert len(both) == 2
    assert all(it.endswith("use by: environment") for it in both)


@pytest.mark.parametrize(
    ("path", "value", "warning"),
    [
        (
            f"{TRUST}.by",
            "ref",
            "no protection of a GitHub environment binds these jobs: "
            "whoever can push to refs/heads/main, refs/tags/v*.*.* deploys",
        ),
        (
            "github.issuer",
            "https://ghe.acme.com/_services/token",
            "AWS checks no ref of GitHub Enterprise Server: "
            "only the environment's deployment policies keep other branches out",
        ),
    ],
)
def test_what_is_allowed_and_weaker_is_said(
    tmp_path: Path, example: Content, path: str, value: object, warning: str
) -> None:
    """The choice is the user's; the consequence is named, with its line."""
    file = tmp_path / "delivery.yaml"
    file.write_text(json.dumps(changed(with_runners(example), path, value), indent=2))
    said: list[str] = []

    load(file, warn=said.append)
    (text,) = said
    assert text.startswith(f"{file}: warning\n  line ")
    assert text.endswith(warning)

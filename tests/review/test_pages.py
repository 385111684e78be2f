"""The pages beside the stacks: for the reviewer who has not read the JSON."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from keyless_ecs.config.file import DeliveryFile
from keyless_ecs.output import compare
from keyless_ecs.plans import StackJson
from keyless_ecs.review.markdown import shown
from keyless_ecs.review.names import names
from keyless_ecs.review.overview import overview
from keyless_ecs.review.page import pages
from keyless_ecs.review.picture import mermaid
from tests.conftest import Content
from tests.support.rehearsed import STACK, generated

Loaded = Callable[[Content], DeliveryFile]


@pytest.fixture
def page(generated_example: Path) -> str:
    """Return the page of the example's service."""
    return (generated_example / "stacks" / STACK / "README.md").read_text()


def test_a_page_answers_what_a_reviewer_asks(page: str) -> None:
    """What it is, who deploys it from where, what it is called, who may do what, what it bills."""
    assert re.findall("^#+ (.*)", page, re.MULTILINE) == [
        "papyrus-production",
        "Who deploys it, and from where",
        "What is in it",
        "Names",
        "What the jobs read",
        "Who may do what",
        "What it bills",
        "To plan and apply",
    ]
    assert "- Jobs of `Nickelth/Papyrus`, in its GitHub environment `production`." in page
    assert "- From `refs/heads/main`, `refs/tags/v*.*.*`." in page
    assert "iam:PassRole on `arn:aws:iam::123456789012:role/papyrus-production-task`" in page


def test_names_are_whole_where_they_follow(page: str) -> None:
    """A reviewer looks for them in AWS; what AWS makes up, as a group's id, is in no file."""
    assert dict(re.findall(r"^\| [\w ]+ `(.*)` \| `(.*)` \|$", page, re.MULTILINE)) == {
        "aws_cloudwatch_log_group.logs": (
            "arn:aws:logs:ap-northeast-1:123456789012:log-group:/ecs/papyrus-production"
        ),
        "aws_ecr_repository.registry": (
            "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/papyrus"
        ),
        "aws_ecs_cluster.cluster": (
            "arn:aws:ecs:ap-northeast-1:123456789012:cluster/papyrus-production"
        ),
        "aws_ecs_service.service": (
            "arn:aws:ecs:ap-northeast-1:123456789012:service/papyrus-production/papyrus-production"
        ),
        "aws_ecs_task_definition.task": "papyrus-production",
        "aws_ecs_task_definition.template": "papyrus-production-template",
        "aws_iam_role.build_role": "arn:aws:iam::123456789012:role/papyrus-production-build",
        "aws_iam_role.deploy_role": "arn:aws:iam::123456789012:role/papyrus-production-deploy",
        "aws_iam_role.execution_role": (
            "arn:aws:iam::123456789012:role/papyrus-production-task-execution"
        ),
        "aws_iam_role.task_role": "arn:aws:iam::123456789012:role/papyrus-production-task",
        "aws_security_group.network_service": "papyrus-production",
    }


@pytest.mark.parametrize(
    ("region", "type_", "arguments", "expected"),
    [
        (
            "cn-north-1",
            "aws_ecr_repository",
            {"name": "web"},
            "1.dkr.ecr.cn-north-1.amazonaws.com.cn/web",
        ),
        (
            "us-gov-west-1",
            "aws_iam_role",
            {"name": "web", "path": "/delivery/"},
            "arn:aws-us-gov:iam::1:role/delivery/web",
        ),
        (
            "eu-west-1",
            "aws_iam_openid_connect_provider",
            {"url": "https://github.example.com/_services/token"},
            "arn:aws:iam::1:oidc-provider/github.example.com/_services/token",
        ),
        ("eu-west-1", "aws_ecs_service", {"name": "web", "cluster": "${data.x.y.arn}"}, "web"),
    ],
)
def test_a_name_is_that_of_its_partition(
    region: str, type_: str, arguments: Content, expected: str
) -> None:
    """An ARN begins with the partition of its region, and a host ends with it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    provider = {"aws": [{"region": region, "allowed_account_ids": ["1"]}]}
    stack = StackJson({"provider": provider, "resource": {type_: {"it": arguments}}})

    assert dict(names(stack)) == {f"{type_}.it": expected}


def test_a_page_says_who_makes_what_deploys(loaded: Loaded, example: Content) -> None:
    """Where rulesets say it: it is who deploys."""
    github = {"ruleset": {"teams": ["release"], "roles": ["admin"]}}
    example["services"]["papyrus"]["environments"]["production"]["github"] = github

    (page,) = pages(loaded(example), {STACK: generated(STACK)}).values()
    assert "Such a branch or tag is made by the team release and the role admin alone." in page


def test_the_picture_is_whole() -> None:
    """Every line leads from a thing that is drawn to one that is."""
    lines = mermaid(generated(STACK))
    drawn = {found[1] for line in lines if (found := re.match(r"    (\w+)[\[({]", line))}
    parts = [line for line in lines if line.startswith("  subgraph ")]
    ends = {end for line in lines for end in re.findall(r"^  (\w+) -\.?-> (\w+)$", line)}

    assert lines[0] == "flowchart LR"
    assert '  subgraph Fargate_service["Fargate service"]' in parts
    assert len(lines) == 1 + len(drawn) + len(ends) + 2 * len(parts)
    assert {name for line in ends for name in line} <= drawn
    assert ("aws_ecs_service_service", "aws_ecs_cluster_cluster") in ends


def test_no_value_of_a_variable_is_on_a_page(loaded: Loaded, example: Content) -> None:
    """A page is for everybody who reads the repository; names are enough."""
    from keyless_ecs import synthesis
    from keyless_ecs.synthesis import files

    production = example["services"]["papyrus"]["environments"]["production"]
    production["github"] = {"variables": {"GREETING": "hello-there"}}
    file = loaded(example)
    made = files.files(file, synthesis.synthesize(file, file.stack_names()))

    pages = [text for path, text in made.items() if path.name == "README.md"]
    assert any("`GREETING`" in text for text in pages)
    assert not any("hello-there" in text for text in pages)


def test_the_overview_names_each_environment_and_what_goes_into_it(
    loaded: Loaded, example: Content
) -> None:
    """Promotions and accounts, in one table each."""
    environments = example["services"]["papyrus"]["environments"]
    environments["live"] = {
        "account": "main",
        "deploy_from": {"branches": ["main"]},
        "registry": {"from": "production"},
    }

    text = overview(loaded(example))
    assert (
        "| papyrus | live | main | ap-northeast-1 | `papyrus-production` | "
        "[papyrus-live](stacks/papyrus-live) |"
    ) in text
    assert "| main | 123456789012 | ap-northeast-1 | [account-main](stacks/account-main) |" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b", "a b"),
        ("s3:* on *, b", "`s3:*` on `*`, b"),
        ("a|b", "`a|b`"),
        ("a`*", "`a'*`"),
        ("a:secret:b", "`a:secret:b`"),
    ],
)
def test_a_page_shows_a_text_as_it_is(text: str, expected: str) -> None:
    """Two stars in a line would turn what is between them slanted, and vanish."""
    assert shown(text) == expected


def test_a_page_of_somebody_elses_stays(tmp_path: Path, generated_example: Path) -> None:
    """A README that this program did not write is not overwritten unasked."""
    mine = tmp_path / "README.md"
    mine.write_text("# Ours\n")
    files = {Path("README.md"): (generated_example / "README.md").read_text()}

    assert compare(tmp_path, files, {"stacks": {}, "version": "0"}).foreign == (Path("README.md"),)
    assert json.dumps(files[Path("README.md")]).startswith('"<!-- Generated by keyless-ecs')

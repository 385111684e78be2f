"""What was made by hand comes under state: names, import blocks, and ids for a reader."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.commands import main
from keyless_ecs.config import BadDeliveryFileError, load
from keyless_ecs.config.adopt import KINDS
from keyless_ecs.stacks import imports
from tests.conftest import EXAMPLE, Content
from tests.support.github import Stack as World
from tests.support.github import stack as stack_beside_github
from tests.support.terraform import needs_terraform

Delivered = Callable[[Content, str], Content]
STACK = "papyrus-production"
ARTICLE = {
    "aws_cloudwatch_log_group.logs": "/ecs/papyrus",
    "aws_ecr_repository.registry": "papyrus",
    "aws_ecs_cluster.cluster": "papyrus-cluster",
    "aws_ecs_service.service": "papyrus-cluster/papyrus-service",
    "aws_iam_role.deploy_role": "GitHubActionsRole",
    "aws_iam_role.execution_role": "ecsTaskExecutionRole",
    "aws_iam_role.task_role": "papyrusTaskRole",
    "github_actions_environment_variable.environment_AWS_ACCOUNT_ID": (
        "Papyrus:production:AWS_ACCOUNT_ID"
    ),
    "github_actions_environment_variable.environment_AWS_IAM_ROLE_ARN": (
        "Papyrus:production:AWS_IAM_ROLE_ARN"
    ),
    "github_actions_environment_variable.environment_AWS_REGION": "Papyrus:production:AWS_REGION",
    "github_actions_environment_variable.environment_ECR_REPOSITORY": (
        "Papyrus:production:ECR_REPOSITORY"
    ),
    "github_repository_environment.environment": "Papyrus:production",
}
"""What the article's reader has made, by the names of its consoles."""


@pytest.fixture
def article(example: Content) -> Content:
    """Return a delivery file for what the article's steps make."""
    example["accounts"]["main"]["oidc_provider"] = "adopt"
    example["services"]["papyrus"]["task"] = {
        "cpu": 256,
        "memory": 512,
        "execution_role_name": "ecsTaskExecutionRole",
        "task_role_name": "papyrusTaskRole",
    }
    production(example).update(
        {
            "cluster": {"name": "papyrus-cluster"},
            "service_name": "papyrus-service",
            "logs": {"name": "/ecs/papyrus"},
            "trust": {"role_name": "GitHubActionsRole"},
            "count": 1,
            "network": {"public_ip": True},
            "adopt": "all",
        }
    )
    return example


def production(example: Content) -> Content:
    """Return the example's environment, to change it."""
    environment: Content = example["services"]["papyrus"]["environments"]["production"]
    return environment


def imported(content: Content) -> dict[str, str]:
    """Return the import blocks of a stack: id by address."""
    return {block["to"]: block["id"] for block in content.get("import", [])}


def problems(path: Path, data: Content) -> list[str]:
    """Return the problems of *data* as a delivery file, without their line numbers."""
    path.write_text(json.dumps(data, indent=2))
    with pytest.raises(BadDeliveryFileError) as refused:
        load(path)
    return [str(problem).split("  ", 2)[-1] for problem in refused.value.problems]


def warned(path: Path, data: Content) -> list[str]:
    """Return the warnings on *data* as a delivery file, without file and line."""
    path.write_text(json.dumps(data, indent=2))
    lines: list[str] = []
    load(path, warn=lines.append)
    return [line.partition("production.")[2] for line in lines]


def test_all_is_what_the_article_makes(article: Content, delivered: Delivered) -> None:
    """Each thing of the consoles is imported, by the id that its provider documents."""
    assert imported(delivered(article, STACK)) == ARTICLE


def test_the_order_of_the_list_does_not_matter(article: Content, delivered: Delivered) -> None:
    """The same things in another order are the same bytes."""
    production(article)["adopt"] = ["vars.AWS_REGION", *KINDS]
    one = delivered(article, STACK)
    production(article)["adopt"] = [*reversed(KINDS), "vars.AWS_REGION"]

    assert delivered(article, STACK) == one
    assert set(imported(one)) < set(ARTICLE)


def test_what_is_adopted_cannot_be_destroyed(article: Content, delivered: Delivered) -> None:
    """A plan that would replace it is refused, and what else Terraform ignores stays ignored."""
    content = delivered(article, STACK)

    for address in ARTICLE:
        type_, name = address.split(".")
        lifecycle = content["resource"][type_][name]["lifecycle"]
        ignored = {"ignore_changes": ["task_definition"]} if type_ == "aws_ecs_service" else {}
        assert lifecycle == {"prevent_destroy": True, **ignored}


def test_adoption_leaves_no_trace(article: Content, delivered: Delivered) -> None:
    """With ``adopt`` taken out again, the stack is what it would be without any past."""
    adopted = delivered(article, STACK)
    del production(article)["adopt"]
    after = delivered(article, STACK)

    del adopted["import"]
    for type_, named in list(adopted["resource"].items()):
        if type_.endswith("_exclusive"):
            del adopted["resource"][type_]
        for element in named.values():
            lifecycle = element.get("lifecycle", {})
            if lifecycle.pop("prevent_destroy", None) and not lifecycle:
                del element["lifecycle"]
    assert after == adopted


def test_only_an_adopted_deploy_role_is_stripped(article: Content, delivered: Delivered) -> None:
    """The article attaches a policy for every repository; what the trust report shows is all."""
    adopted = delivered(article, STACK)["resource"]
    production(article)["adopt"] = ["execution_role", "task_role"]
    others = delivered(article, STACK)["resource"]

    role = "${aws_iam_role.deploy_role.name}"
    assert adopted["aws_iam_role_policies_exclusive"] == {
        "deploy_role_policies": {
            "role_name": role,
            "policy_names": ["${aws_iam_role_policy.deploy_role_policy.name}"],
        }
    }
    assert adopted["aws_iam_role_policy_attachments_exclusive"] == {
        "deploy_role_attachments": {"role_name": role, "policy_arns": []}
    }
    assert not [type_ for type_ in others if type_.endswith("_exclusive")]


def test_all_is_no_more_than_the_environment_owns(article: Content, delivered: Delivered) -> None:
    """What others own, and what is a secret, is left out without a word."""
    environments = article["services"]["papyrus"]["environments"]
    environments["staging"] = {"account": "main", "deploy_from": {"branches": ["main"]}}
    production(article)["registry"] = {"from": "staging"}
    production(article)["cluster"] = {"existing": "papyrus-cluster"}
    article["services"]["papyrus"]["task"] = {
        "cpu": 256,
        "memory": 512,
        "existing_execution_role": "ecsTaskExecutionRole",
    }
    production(article)["github"] = {"as_secrets": ["AWS_ACCOUNT_ID"]}

    left = set(ARTICLE) - set(imported(delivered(article, STACK)))
    assert left == {
        "aws_ecr_repository.registry",
        "aws_ecs_cluster.cluster",
        "aws_iam_role.execution_role",
        "github_actions_environment_variable.environment_AWS_ACCOUNT_ID",
    }


def test_variables_of_a_repository_are_imported_by_its_name(
    article: Content, delivered: Delivered
) -> None:
    """By ref no environment holds them, and none is there to import."""
    production(article)["trust"]["by"] = "ref"
    production(article)["adopt"] = "all"

    found = imported(delivered(article, STACK))
    assert "github_repository_environment.environment" not in found
    address = "github_actions_variable.repository_settings_AWS_REGION"
    assert found[address] == "Papyrus:AWS_REGION"


@pytest.mark.parametrize("partition_region", ["ap-northeast-1", "cn-north-1", "us-gov-west-1"])
def test_the_table_has_the_providers_id(
    article: Content, delivered: Delivered, partition_region: str
) -> None:
    """Imported or not, and in each partition."""
    article["accounts"]["main"]["region"] = partition_region
    (block,) = delivered(article, "account-main")["import"]
    article["accounts"]["main"]["oidc_provider"] = "create"
    (made,) = imports.resources(delivered(article, "account-main"))

    assert (made.address, made.id, made.imported) == (block["to"], block["id"], False)


BAD = [
    ("registries", "'registries' is nothing that can be adopted; did you mean \"registry\"?"),
    ("all", "all stands alone; write adopt: all, or name each thing"),
    (
        "oidc_provider",
        "'oidc_provider' is the account's; write oidc_provider: adopt under accounts",
    ),
    (
        "vars.aws_region",
        "'vars.aws_region' is not a variable as GitHub keeps it; use upper case: vars.AWS_REGION",
    ),
    (
        "vars.AWS_REGIO",
        'this environment sets no variable AWS_REGIO; did you mean "AWS_REGION"?',
    ),
    (
        "vars.AWS_ACCOUNT_ID",
        "AWS_ACCOUNT_ID is a secret, and GitHub gives no secret's value back; leave it out, "
        "the apply writes its value again",
    ),
    ("registry", "'registry': the registry is that of staging; adopt it there"),
    ("cluster", "'cluster': shared is existing, others own it; leave this one out"),
    (
        "execution_role",
        "'execution_role': ecsTaskExecutionRole is existing, others own it; leave this one out",
    ),
    (
        "github_environment",
        "the id of github_environment cannot be known: versions of the GitHub provider spell "
        "the colon in 'a:b' differently; leave it out",
    ),
    (
        "vars.AWS_REGION",
        "the id of vars.AWS_REGION cannot be known: versions of the GitHub provider spell "
        "the colon in 'a:b' differently; leave it out",
    ),
]


@pytest.mark.parametrize(("thing", "message"), BAD, ids=[thing for thing, _ in BAD])
def test_what_cannot_be_adopted_is_refused(
    tmp_path: Path, example: Content, thing: str, message: str
) -> None:
    """At its place in the list, with the mend."""
    papyrus = example["services"]["papyrus"]
    papyrus["environments"]["staging"] = {
        "account": "main",
        "deploy_from": {"branches": ["main"]},
    }
    papyrus["task"] = {"existing_execution_role": "ecsTaskExecutionRole"}
    example["providers"] = {"github": "~> 6.13"}
    production(example).update(
        {
            "registry": {"from": "staging"},
            "cluster": {"existing": "shared"},
            "github": {"name": "a:b", "as_secrets": ["AWS_ACCOUNT_ID"]},
            "adopt": ["task_role", thing],
        }
    )

    where = "services.papyrus.environments.production.adopt.1"
    assert problems(tmp_path / "bad.yaml", example) == [f"{where}: {message}"]


def test_a_thing_is_adopted_once(tmp_path: Path, article: Content) -> None:
    """Twice is a typing error for something else."""
    production(article)["adopt"] = ["registry", "cluster", "registry"]

    assert problems(tmp_path / "bad.yaml", article) == [
        "services.papyrus.environments.production.adopt: "
        "'registry' stands there twice; leave one out"
    ]


def test_every_bad_entry_is_named(tmp_path: Path, article: Content) -> None:
    """One run is enough to mend the whole list."""
    production(article)["adopt"] = ["registries", "cluster", 3, "vars.é"]

    found = problems(tmp_path / "bad.yaml", article)
    assert [line.partition("adopt.")[2].partition(":")[0] for line in found] == ["0", "2", "3"]


def test_one_name_is_no_list(tmp_path: Path, article: Content) -> None:
    """Only ``all`` stands alone."""
    production(article)["adopt"] = "registry"

    assert problems(tmp_path / "bad.yaml", article) == [
        "services.papyrus.environments.production.adopt: "
        "'registry' is one, and several may stand here; write a list: [\"registry\"]"
    ]


def test_all_of_an_environment_with_a_colon_is_refused_once(
    tmp_path: Path, article: Content
) -> None:
    """Each id that cannot be known is named."""
    production(article)["github"] = {"name": "a:b"}
    article["providers"] = {"github": "~> 6.13"}

    lines = problems(tmp_path / "bad.yaml", article)
    assert [line.split(" cannot be known")[0].rpartition("the id of ")[2] for line in lines] == [
        "github_environment",
        "vars.AWS_ACCOUNT_ID",
        "vars.AWS_IAM_ROLE_ARN",
        "vars.AWS_REGION",
        "vars.ECR_REPOSITORY",
    ]


def test_what_terraform_does_not_see_is_said(tmp_path: Path, article: Content) -> None:
    """Policies left by hand, and what the first apply deletes, with the command that lists it."""
    article["services"]["papyrus"]["registry"] = {"keep_images": 7}
    warnings = {text.split(": ")[1]: text for text in warned(tmp_path / "file.yaml", article)}

    assert set(warnings) == set(KINDS) - {"cluster"}
    assert "registers a placeholder" in warnings["service"]
    assert "all but the last 7 tagged images go" in warnings["registry"]
    assert "events older than 30 days go" in warnings["log_group"]
    for kind in ("execution_role", "task_role"):
        assert "policies attached by hand stay" in warnings[kind]
        assert f"task.{kind}_policies" in warnings[kind]
    assert "takes every policy off it that is not in the plan" in warnings["deploy_role"]
    command = "aws iam list-attached-role-policies --role-name GitHubActionsRole"
    assert command in warnings["deploy_role"]
    path = "repos/Nickelth/Papyrus/environments/production/deployment-branch-policies"
    assert path in warnings["github_environment"]


def test_nothing_is_said_of_what_is_new(tmp_path: Path, example: Content) -> None:
    """A fresh environment has no past."""
    assert warned(tmp_path / "file.yaml", example) == []


def test_existing_things_are_used_and_not_owned(article: Content, delivered: Delivered) -> None:
    """ARNs follow from names: nothing is looked up, and the pipeline may use them."""
    production(article)["cluster"] = {"existing": "shared"}
    production(article)["capacity"] = "fargate_spot"
    role = "service-role/ecsTaskExecutionRole"
    article["services"]["papyrus"]["task"] = {"existing_execution_role": role}
    article["accounts"]["main"]["role_path"] = "/delivery/"
    del production(article)["adopt"]

    content = delivered(article, STACK)
    made, account = content["resource"], "123456789012"
    assert "aws_ecs_cluster" not in made
    assert "aws_ecs_cluster_capacity_providers" not in made
    assert set(made["aws_iam_role"]) == {"build_role", "deploy_role", "task_role"}
    service = made["aws_ecs_service"]["service"]
    assert service["cluster"] == f"arn:aws:ecs:ap-northeast-1:{account}:cluster/shared"
    assert "depends_on" not in service
    execution_role = f"arn:aws:iam::{account}:role/{role}"
    assert made["aws_ecs_task_definition"]["task"]["execution_role_arn"] == execution_role
    variables = made["github_actions_environment_variable"]
    assert variables["environment_ECS_CLUSTER"]["value"] == "shared"
    statements = {s["Sid"]: s for s in content["locals"]["deploy_role_permissions"]["Statement"]}
    assert statements["EcsUpdateService"]["Resource"] == [
        f"arn:aws:ecs:ap-northeast-1:{account}:service/shared/papyrus-service"
    ]
    assert statements["PassTaskRoles"]["Resource"] == [
        execution_role,
        f"arn:aws:iam::{account}:role/delivery/papyrus-production-task",
    ]
    (found,) = [each for each in imports.resources(content) if "ecs_service" in each.address]
    assert found.id == "shared/papyrus-service"


def test_the_owner_of_existing_things_has_work_to_do(tmp_path: Path, example: Content) -> None:
    """What this program cannot give them is said."""
    production(example).update(
        {
            "cluster": {"existing": "shared"},
            "capacity": "fargate_provider",
            "task": {"existing_execution_role": "ecsTaskExecutionRole"},
        }
    )

    assert warned(tmp_path / "file.yaml", example) == [
        "task.existing_execution_role: its owner must give ecsTaskExecutionRole what starts these "
        "tasks: AmazonECSTaskExecutionRolePolicy",
        "cluster.existing: its owner must attach the capacity provider that this service uses",
    ]


def test_a_capacity_provider_replaces_the_launch_type(
    article: Content, delivered: Delivered
) -> None:
    """The console makes services so, and ECS would have to make another to change it."""
    production(article)["capacity"] = "fargate_provider"

    made = delivered(article, STACK)["resource"]
    service = made["aws_ecs_service"]["service"]
    assert service["capacity_provider_strategy"] == [{"capacity_provider": "FARGATE", "weight": 1}]
    assert "launch_type" not in service
    assert "aws_ecs_cluster_capacity_providers" in made


def test_what_two_environments_name_alike_is_shared_or_renamed(
    tmp_path: Path, article: Content
) -> None:
    """One of them owns it; the message says how the other may use it."""
    environments = article["services"]["papyrus"]["environments"]
    del production(article)["adopt"]
    environments["staging"] = {
        **production(article),
        "deploy_from": {"branches": ["main"]},
        "registry": {"name": "staging"},
        "trust": {"role_name": "deployer"},
        "task": {"task_role_name": "other"},
    }

    here = "services.papyrus.environments.staging: papyrus.production owns"
    assert problems(tmp_path / "bad.yaml", article) == [
        f"{here} the ECS cluster papyrus-cluster already; share it with "
        "cluster: {existing: papyrus-cluster}, or give each its own with cluster: {name: …}",
        f"{here} the ECS service papyrus-service already; give each its own with service_name",
        f"{here} the log group /ecs/papyrus already; give each its own with logs: {{name: …}}",
        f"{here} the role ecsTaskExecutionRole already; share it with "
        "task: {existing_execution_role: <its name>}, "
        "or give each its own with task: {execution_role_name: …}",
    ]


def test_sharing_as_advised_is_accepted(
    article: Content, loaded: Callable[[Content], object]
) -> None:
    """What the message advises is a way out."""
    environments = article["services"]["papyrus"]["environments"]
    environments["staging"] = {
        "account": "main",
        "deploy_from": {"branches": ["main"]},
        "cluster": {"existing": "papyrus-cluster"},
        "registry": {"from": "production"},
        "task": {
            "execution_role_name": None,
            "existing_execution_role": "ecsTaskExecutionRole",
            "task_role_name": "other",
        },
    }

    assert loaded(article)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"cluster": {"name": "a", "existing": "b"}},
            "cluster: name is for a cluster of this environment's own, existing for another's; "
            "leave one of them out",
        ),
        (
            {"cluster": {"name": "a b"}},
            "cluster.name: 'a b' is not a name that ECS takes; "
            "use 1 to 255 letters, digits, hyphens and underscores",
        ),
        (
            {"task": {"existing_execution_role": "arn:aws:iam::123456789012:role/x"}},
            "task.existing_execution_role: 'arn:aws:iam::123456789012:role/x' is not an existing "
            "role; use its name, with its IAM path before it where it has one: "
            "service-role/ecsTaskExecutionRole",
        ),
        (
            {"task": {"existing_execution_role": "a", "execution_role_name": "b"}},
            "task.execution_role_name: others own the execution role a, so this would do nothing; "
            "leave it or existing_execution_role out",
        ),
        (
            {"logs": {"name": "/ecs/a b"}},
            "logs.name: '/ecs/a b' is not a log group's name; use 1 to 512 letters, digits and "
            "any of _ - / . #, and not aws/ first",
        ),
    ],
)
def test_names_are_checked(
    tmp_path: Path, example: Content, settings: Content, message: str
) -> None:
    """Before Terraform or AWS would refuse them."""
    production(example).update(settings)

    assert problems(tmp_path / "bad.yaml", example) == [
        f"services.papyrus.environments.production.{message}"
    ]


def rows(text: str) -> dict[str, tuple[str, str]]:
    """Return what the table says: plan and id by address."""
    found = {}
    for line in text.splitlines():
        words = line.split(maxsplit=2)
        if words and words[0] in ("import", "create"):
            found[words[1]] = (words[0], words[2])
    return found


def test_the_table_agrees_with_the_json(
    article: Content, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every resource stands in it; what is imported, by the id of its import block."""
    production(article)["github"] = {"secrets": {"KEY": "variable"}, "as_secrets": ["AWS_REGION"]}
    production(article)["capacity"] = "fargate_spot"
    production(article)["network"] = {"ingress": ["10.0.0.0/8"]}
    config, out = tmp_path / "delivery.yaml", tmp_path / "out"
    config.write_text(json.dumps(article))
    assert main.main(["adopt", "--config", str(config)]) == 0
    shown = rows(capsys.readouterr().out)
    assert not out.exists()
    main.main(["--config", str(config), "--out", str(out)])

    written: dict[str, Any] = {}
    for path in out.glob("stacks/*/cdk.tf.json"):
        content = json.loads(path.read_text())
        for type_, named in content["resource"].items():
            written |= {f"{type_}.{name}": None for name in named}
        written |= imported(content)
    assert set(shown) == set(written)
    for address, id_ in written.items():
        plan, said = shown[address]
        assert plan == ("import" if id_ else "create")
        assert said == id_ if id_ else "see the page" not in said


def test_the_table_says_what_cannot_be_known(article: Content, delivered: Delivered) -> None:
    """A dash and the reason, in place of an id; the rest by the forms of the providers."""
    environments = article["services"]["papyrus"]["environments"]
    article["accounts"]["other"] = {"id": "210987654321", "region": "eu-west-1"}
    environments["live"] = {
        "account": "other",
        "deploy_from": {"branches": ["main"]},
        "registry": {"from": "production"},
    }
    production(article)["github"] = {"secrets": {"KEY": "variable"}}
    production(article)["exec"] = True

    shown = rows(imports.table([(STACK, json.dumps(delivered(article, STACK)))]))
    policy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    attachment = "aws_iam_role_policy_attachment.execution_role_AmazonECSTaskExecutionRolePolicy"
    created = {address: id_ for address, (plan, id_) in shown.items() if plan == "create"}
    assert created == {
        "aws_ecr_lifecycle_policy.registry_lifecycle": "papyrus",
        "aws_ecr_repository_policy.registry_pull": "papyrus",
        **{
            f"aws_ecs_task_definition.{name}": "-  a new revision; older ones stay registered"
            for name in ("task", "template")
        },
        "aws_iam_role.build_role": "papyrus-production-build",
        "aws_iam_role_policy.build_role_policy": (
            "papyrus-production-build:papyrus-production-build"
        ),
        "aws_iam_role_policies_exclusive.deploy_role_policies": "GitHubActionsRole",
        "aws_iam_role_policy.deploy_role_policy": "GitHubActionsRole:GitHubActionsRole",
        "aws_iam_role_policy.task_role_policy": "papyrusTaskRole:papyrusTaskRole",
        attachment: f"ecsTaskExecutionRole/{policy}",
        "aws_iam_role_policy_attachments_exclusive.deploy_role_attachments": "GitHubActionsRole",
        "aws_security_group.network_service": "-  AWS chose its id",
        "aws_vpc_security_group_egress_rule.network_egress": "-  AWS chose its id",
        "github_actions_environment_secret.environment_KEY": (
            "-  GitHub gives no secret back; its value is written again"
        ),
        **{
            f"github_actions_environment_variable.environment_{name}": f"Papyrus:production:{name}"
            for name in (
                "ECS_CLUSTER",
                "ECS_CONTAINER",
                "ECS_SERVICE",
                "ECS_TASK_FAMILY",
                "ECS_TASK_TEMPLATE",
            )
        },
        **{
            f"github_actions_environment_variable.build_environment_{name}": (
                f"Papyrus:production-build:{name}"
            )
            for name in ("AWS_ACCOUNT_ID", "AWS_BUILD_ROLE_ARN", "AWS_REGION", "ECR_REPOSITORY")
        },
        "github_repository_environment.build_environment": "Papyrus:production-build",
        **{
            f"github_repository_environment_deployment_policy.{environment}_{name}": (
                "-  GitHub chose its id"
            )
            for environment in ("environment", "build_environment")
            for name in ("branch_main", "tag_v_star_dot_star_dot_star")
        },
    }


def test_the_table_shows_the_id_of_the_block(article: Content, delivered: Delivered) -> None:
    """What Terraform reads is what the reader checks, whoever wrote it there."""
    content = delivered(article, STACK)
    content["import"][0]["id"] = "another"

    shown = rows(imports.table([(STACK, json.dumps(content))]))
    assert shown[content["import"][0]["to"]] == ("import", "another")


def test_the_table_of_some_stacks(capsys: pytest.CaptureFixture[str]) -> None:
    """``--only`` shows what matches; the shipped example imports nothing."""
    config = str(EXAMPLE)
    assert main.main(["adopt", "--config", config, "--only", "account-*"]) == 0
    account = rows(capsys.readouterr().out)
    assert main.main(["adopt", "--config", config]) == 0
    everything = rows(capsys.readouterr().out)

    assert set(account) == {"aws_iam_openid_connect_provider.github_oidc"}
    assert set(account) < set(everything)
    assert {plan for plan, _ in everything.values()} == {"create"}


def test_an_account_may_have_nothing_to_show(article: Content, delivered: Delivered) -> None:
    """A provider that is only looked up is no resource."""
    article["accounts"]["main"]["oidc_provider"] = "existing"

    content = delivered(article, "account-main")
    assert imports.table([("account-main", json.dumps(content))]) == (
        "account-main\n  nothing of its own\n"
    )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a folder for Terraform beside a GitHub."""
    with stack_beside_github(tmp_path) as stack:
        yield stack


@needs_terraform
@pytest.mark.terraform
def test_terraform_imports_an_environment_made_by_hand(
    world: World, article: Content, delivered: Delivered
) -> None:
    """It is taken over with its variables: nothing is made twice, nothing destroyed."""
    repository = "Nickelth/Papyrus"
    made_by_hand: Any = {
        "deployment_branch_policy": None,
        "wait_timer": 0,
        "users": [],
        "teams": [],
        "prevent_self_review": False,
        "can_admins_bypass": True,
    }
    world.github.put_environment(repository, "production", made_by_hand)
    for name, value in (("AWS_REGION", "us-east-1"), ("AWS_ACCOUNT_ID", "123456789012")):
        world.github.create_variable(repository, "production", name, value)
    production(article)["adopt"] = ["github_environment", "vars.AWS_REGION", "vars.AWS_ACCOUNT_ID"]
    content = delivered(article, STACK)
    resources = content["resource"]
    variables = resources["github_actions_environment_variable"]
    types = ("github_repository_environment", "github_repository_environment_deployment_policy")
    world.write(
        {
            "import": content["import"],
            "resource": {
                **{
                    type_: {
                        name: made
                        for name, made in resources[type_].items()
                        if not name.startswith("build_environment")
                    }
                    for type_ in types
                },
                "github_actions_environment_variable": {
                    name: made
                    for name, made in variables.items()
                    if "${aws" not in made["value"] and not name.startswith("build_environment")
                },
            },
        }
    )
    world.init()

    assert world.plan() == (
        "no-op actions_environment_variable.environment_AWS_ACCOUNT_ID, "
        "update actions_environment_variable.environment_AWS_REGION, "
        "create actions_environment_variable.environment_ECS_CONTAINER, "
        "update repository_environment.environment, "
        "create repository_environment_deployment_policy.environment_branch_main, "
        "create repository_environment_deployment_policy.environment_tag_v_star_dot_star_dot_star"
    )
    world.terraform("apply")
    assert world.plan() == ""
    # What replaces it is refused, and not carried out.
    moved = {**resources["github_repository_environment"]["environment"], "environment": "other"}
    resources["github_repository_environment"]["environment"] = moved
    world.write({"resource": {"github_repository_environment": {"environment": moved}}})
    assert "Instance cannot be destroyed" in world.terraform("plan", status=1)

"""The stand-in for GitHub's provider: real Terraform plans with it as with the real one."""

import ast
import importlib
import inspect
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cdktf import TerraformDataSource, TerraformMetaArguments, TerraformProvider, TerraformResource
from tf.gen import tfplugin_pb2 as wire
from tf.types import List

from keyless_ecs.rehearsal.github import plugin, schema
from keyless_ecs.rehearsal.github.provider import GitHubProvider
from tests.conftest import ROOT, Content
from tests.support.github import Stack
from tests.support.github import stack as stack_beside_github
from tests.support.terraform import needs_terraform

PAPYRUS = "Nickelth/Papyrus"
ENVIRONMENT = "${github_repository_environment.environment.environment}"
BINDINGS = "cdktf_cdktf_provider_github"

PROVIDER = GitHubProvider(Path(os.devnull))
SCHEMAS = {
    "provider": schema.PROVIDER,
    **{type_.get_name(): type_.get_schema() for type_ in PROVIDER.get_resources()},
    **{
        f"data_github_{type_.get_name()}": type_.get_schema()
        for type_ in PROVIDER.get_data_sources()
    },
}
LEFT_OUT = {
    # Objects, which the framework has no type for; nothing generated reads them.
    "data_github_repository": {"pages", "repository_license", "template"},
    "data_github_team": {"repositories_detailed"},
    # Blocks of rules that nothing generated writes.
    "RepositoryRulesetRules": {
        "branch_name_pattern",
        "commit_author_email_pattern",
        "commit_message_pattern",
        "committer_email_pattern",
        "file_extension_restriction",
        "file_path_restriction",
        "max_file_path_length",
        "max_file_size",
        "merge_queue",
        "pull_request",
        "required_code_scanning",
        "required_deployments",
        "required_status_checks",
        "tag_name_pattern",
    },
    # CDKTF's own.
    "provider": {"alias"},
}


def test_all_that_generated_stacks_use_is_there() -> None:
    """A resource that the generator takes up must come to the stand-in too."""
    used = {
        node.module.removeprefix(f"{BINDINGS}.")
        for path in (ROOT / "modules").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{BINDINGS}.")
        if node.module
    }

    assert used == set(SCHEMAS)


@pytest.mark.cdktf
@pytest.mark.parametrize("module", SCHEMAS)
def test_the_schema_is_that_of_the_bindings(module: str) -> None:
    """The same arguments, required or not, of the same types; the same to read; no more."""
    bound = importlib.import_module(f"{BINDINGS}.{module}")
    name = "GithubProvider" if module == "provider" else "".join(map(str.title, module.split("_")))
    left_out = LEFT_OUT.get(module, set())
    arguments = configuration(getattr(bound, f"{name}Config"))
    stand_in = SCHEMAS[module]

    assert {each: arguments[each] for each in arguments if each not in left_out} == taken(stand_in)
    assert readable(getattr(bound, name)) - set(arguments) - left_out == {
        each.name for each in stand_in.attributes if each.computed and not each.optional
    }
    assert_blocks(bound, name, stand_in)


def assert_blocks(bound: ModuleType, name: str, stand_in: Any) -> None:
    """The blocks are those that the bindings call by *name*, and so are those in them."""
    for block in stand_in.block_types:
        title = name + "".join(map(str.title, block.type_name.split("_")))
        arguments = configuration(getattr(bound, title))
        left_out = LEFT_OUT.get(title, set())
        assert {each: arguments[each] for each in arguments if each not in left_out} == taken(
            block.block
        )
        # The bindings have a list of what may be there more than once, and of no set.
        assert hasattr(bound, f"{title}List") == (block.max_items != 1)
        assert block.to_pb().nesting == wire.Schema.NestedBlock.NestingMode.LIST
        assert_blocks(bound, title, block.block)


def taken(schema: Any) -> dict[str, tuple[bool, str]]:
    """Return the arguments of a *schema*: whether each is required, and its type."""
    attributes = {
        each.name: (each.required, spelled(each.type))
        for each in schema.attributes
        if each.required or each.optional
    }
    blocks = {each.type_name: (bool(each.min_items), "block") for each in schema.block_types}
    return {**attributes, **blocks}


def spelled(type_: object) -> str:
    """Return a type of the stand-in as the bindings spell it, sets as lists."""
    if isinstance(type_, List):
        return f"[{spelled(type_.element_type)}]"
    return {"String": "str", "Number": "float", "Bool": "bool"}[type(type_).__name__]


def configuration(config: type) -> dict[str, tuple[bool, str]]:
    """Return the arguments of a *config* class: whether each is required, and its type."""
    general = inspect.signature(TerraformMetaArguments.__init__).parameters
    return {
        name: (parameter.default is parameter.empty, of_bindings(str(parameter.annotation)))
        for name, parameter in inspect.signature(config.__init__).parameters.items()  # type: ignore[misc]
        if name not in general
    }


def of_bindings(annotation: str) -> str:
    """Return an *annotation* of the bindings in short."""
    if re.search(r"Dict|_cdktf\w*\.IResolvable, .*Sequence|ForwardRef", annotation):
        return "block"
    found = re.search(r"\b(str|float|bool)\b", annotation)
    assert found, annotation
    return f"[{found[1]}]" if "Sequence" in annotation else found[1]


def readable(construct: type) -> set[str]:
    """Return what can be read of a resource or data source."""
    inherited = {*dir(TerraformResource), *dir(TerraformDataSource), *dir(TerraformProvider)}
    return {
        name
        for name, value in vars(construct).items()
        if isinstance(value, property) and not name.endswith("_input") and name not in inherited
    }


@pytest.mark.cdktf
def test_it_stands_in_for_the_release_of_the_bindings(generated_example: Path) -> None:
    """Terraform would look for another one in vain."""
    text = (generated_example / "stacks/papyrus-production/cdk.tf.json").read_text()
    stack = json.loads(text)

    assert stack["terraform"]["required_providers"]["github"] == {
        "source": "integrations/github",
        "version": f"~> {plugin.VERSION}",
    }


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Return a folder for Terraform with an empty GitHub."""
    with stack_beside_github(tmp_path) as made:
        yield made


@pytest.fixture
def example() -> Content:
    """Return one of each resource, each with all that generated stacks give it."""
    where = {"repository": "Papyrus", "environment": ENVIRONMENT}
    return {
        "data": {
            "github_user": {"octocat": {"username": "Octocat"}},
            "github_team": {"platform": {"slug": "platform"}},
            "github_repository": {"repository": {"full_name": "Nickelth/Papyrus"}},
        },
        "resource": {
            "github_repository_environment": {
                "environment": {
                    "repository": "Papyrus",
                    "environment": "production",
                    "can_admins_bypass": False,
                    "prevent_self_review": True,
                    "wait_timer": 30,
                    "deployment_branch_policy": {
                        "custom_branch_policies": True,
                        "protected_branches": False,
                    },
                    "reviewers": [
                        {
                            "users": ["${data.github_user.octocat.id}"],
                            "teams": ["${data.github_team.platform.id}"],
                        }
                    ],
                }
            },
            "github_repository_environment_deployment_policy": {
                "branch": {**where, "branch_pattern": "main"},
                "tag": {**where, "tag_pattern": "v*.*.*"},
            },
            "github_repository_ruleset": {
                "tags": {
                    "repository": "Papyrus",
                    "name": "production tags",
                    "target": "tag",
                    "enforcement": "active",
                    "conditions": {
                        "ref_name": {"include": ["refs/tags/v*.*.*"], "exclude": ["refs/tags/v*-*"]}
                    },
                    "rules": {"creation": True, "deletion": True, "update": True},
                    "bypass_actors": [
                        {
                            "actor_type": "Team",
                            "actor_id": "${data.github_team.platform.id}",
                            "bypass_mode": "always",
                        },
                        {"actor_type": "RepositoryRole", "actor_id": 5, "bypass_mode": "always"},
                    ],
                }
            },
            "github_actions_environment_variable": {
                "ID": {
                    **where,
                    "variable_name": "ID",
                    "value": "${tostring(data.github_repository.repository.repo_id)}",
                }
            },
            "github_actions_environment_secret": {
                "TOKEN": {
                    **where,
                    "secret_name": "TOKEN",
                    "plaintext_value": "${var.secret_TOKEN}",
                },
                "SEALED": {**where, "secret_name": "SEALED", "encrypted_value": "c2VhbGVk"},
            },
            "github_actions_variable": {
                "Region": {"repository": "Papyrus", "variable_name": "Region", "value": "eu"}
            },
            "github_actions_secret": {
                "PLAIN": {"repository": "Papyrus", "secret_name": "PLAIN", "plaintext_value": "x"}
            },
        },
    }


@needs_terraform
@pytest.mark.terraform
def test_a_stack_lives_and_dies(stack: Stack, example: Content) -> None:
    """It is made, stays as it is, changes in place where GitHub can, and leaves nothing."""
    resources = example["resource"]
    stack.write(example)
    stack.init().terraform("apply")

    assert stack.plan() == ""
    production = stack.github.environment(PAPYRUS, "production")
    assert production["protection"] == {
        "wait_timer": 30,
        "users": [9],
        "teams": [5],
        "prevent_self_review": True,
        "can_admins_bypass": False,
        "deployment_branch_policy": {"custom_branch_policies": True, "protected_branches": False},
    }
    assert stack.github.variables(PAPYRUS, "production") == {"ID": "42", "REGION": "eu"}
    assert stack.github.secrets(PAPYRUS, "production") == {
        "PLAIN": "x",
        "SEALED": None,
        "TOKEN": "hush",
    }
    assert stack.github.may_deploy(PAPYRUS, "production", "refs/heads/main")
    assert stack.github.may_deploy(PAPYRUS, "production", "refs/tags/v1.2.3")

    made = [stack.github.may_make(PAPYRUS, f"refs/tags/{tag}") for tag in ("v1.2.3", "v1.2.3-rc")]
    assert made == [False, True]
    assert stack.github.may_make(PAPYRUS, "refs/tags/v1.2.3", team=5)

    # What is left out again goes back to GitHub's default.
    resources["github_repository_ruleset"]["tags"]["bypass_actors"].pop(0)
    settings = resources["github_repository_environment"]["environment"]
    for setting in ("wait_timer", "prevent_self_review", "can_admins_bypass", "reviewers"):
        del settings[setting]
    resources["github_repository_environment_deployment_policy"]["branch"]["branch_pattern"] = "x"
    resources["github_actions_environment_variable"]["ID"]["value"] = "changed"
    resources["github_actions_secret"]["PLAIN"]["plaintext_value"] = "changed"
    stack.write(example)
    assert stack.plan() == (
        "update actions_environment_variable.ID, delete+create actions_secret.PLAIN, "
        "update repository_environment.environment, "
        "update repository_environment_deployment_policy.branch, "
        "update repository_ruleset.tags"
    )
    stack.terraform("apply")
    assert stack.plan() == ""
    assert not stack.github.may_make(PAPYRUS, "refs/tags/v1.2.3", team=5)
    changed = stack.github.environment(PAPYRUS, "production")
    assert changed["protection"] == {
        **production["protection"],
        "wait_timer": 0,
        "users": [],
        "teams": [],
        "prevent_self_review": False,
        "can_admins_bypass": True,
    }
    assert stack.github.variables(PAPYRUS, "production")["ID"] == "changed"
    assert [policy["id"] for policy in changed["policies"]] == [
        policy["id"] for policy in production["policies"]
    ]

    stack.terraform("destroy")
    assert stack.github.repository(PAPYRUS) == {
        "id": 42,
        "full_name": PAPYRUS,
        "environments": {},
        "variables": {},
        "secrets": {},
        "subject_template": None,
        "rulesets": {},
    }


@needs_terraform
@pytest.mark.terraform
def test_what_somebody_changed_by_hand_is_seen(stack: Stack, example: Content) -> None:
    """What is gone is made again, and what differs is put right, as in the real provider."""
    secrets = example["resource"]["github_actions_secret"]
    secrets["KEPT"] = {**secrets["PLAIN"], "secret_name": "KEPT", "destroy_on_drift": False}
    stack.write(example)
    stack.init().terraform("apply")
    github = stack.github
    environment = github.environment(PAPYRUS, "production")

    github.delete_value("variables", PAPYRUS, None, "REGION")
    github.update_variable(PAPYRUS, "production", "ID", "by hand")
    github.put_secret(PAPYRUS, "production", "TOKEN", "by hand")
    github.put_secret(PAPYRUS, None, "PLAIN", "by hand")
    github.put_secret(PAPYRUS, None, "KEPT", "by hand")
    github.delete_policy(PAPYRUS, "production", environment["policies"][0]["id"])
    github.put_environment(
        PAPYRUS, "production", {**environment["protection"], "can_admins_bypass": True}
    )
    pattern = environment["policies"][0]["type"]
    assert stack.plan() == (
        "create actions_environment_secret.TOKEN, update actions_environment_variable.ID, "
        "create actions_secret.PLAIN, create actions_variable.Region, "
        "update repository_environment.environment, "
        f"create repository_environment_deployment_policy.{pattern}"
    )
    stack.terraform("apply")
    assert github.value("secrets", PAPYRUS, "production", "TOKEN")["value"] == "hush"

    github.delete_environment(PAPYRUS, "production")
    assert stack.plan().count("create") == 6
    stack.terraform("destroy")
    assert github.repository(PAPYRUS)["variables"] == {}


@needs_terraform
@pytest.mark.terraform
def test_refusals_reach_the_user(stack: Stack) -> None:
    """GitHub's own words, at the resource; what was not refused is made and kept."""
    where = {"repository": "Papyrus", "environment": "production"}
    stack.write(
        {
            "resource": {
                "github_repository_environment": {
                    "elsewhere": {"repository": "Other", "environment": "production"},
                    "reviewed": {
                        "repository": "Papyrus",
                        "environment": "reviewed",
                        "reviewers": {"users": [99]},
                    },
                    "fine": {"repository": "Papyrus", "environment": "fine"},
                },
                "github_actions_environment_variable": {
                    "nowhere": {**where, "variable_name": "A", "value": ""}
                },
                "github_repository_environment_deployment_policy": {
                    "neither": {**where, "environment": "fine"}
                },
            }
        }
    )
    api = "https://api.github.com/repos/Nickelth"

    said = stack.init().terraform("apply", status=1)
    assert f"Error: PUT {api}/Other/environments/production: 404 Not Found []" in said
    assert (
        f"Error: PUT {api}/Papyrus/environments/reviewed: 422 Failed to create or update the "
        "environment protection rule. User 99 cannot review: not found. []" in said
    )
    assert f"Error: POST {api}/Papyrus/environments/production/variables: 404 Not" in said
    assert 'exactly one of "branch_pattern" and "tag_pattern" must be specified' in said
    assert stack.terraform("state", "list").strip() == "github_repository_environment.fine"

    # A refused change leaves the state as it was, so that the next plan shows it again.
    fine = {"repository": "Papyrus", "environment": "fine", "prevent_self_review": True}
    stack.write({"resource": {"github_repository_environment": {"fine": fine}}})
    assert "must have at least one reviewer" in stack.terraform("apply", status=1)
    assert stack.plan() == "update repository_environment.fine"


@needs_terraform
@pytest.mark.terraform
def test_an_environment_with_a_colon_breaks_the_ids(stack: Stack) -> None:
    """Release 6.9.0 writes names into ids as they are, and reads them up to the next colon."""
    where = {"repository": "Papyrus", "environment": ENVIRONMENT}
    protection = {"custom_branch_policies": True, "protected_branches": False}
    environment = {"repository": "Papyrus", "environment": "prod:eu"}
    stack.write(
        {
            "resource": {
                "github_repository_environment": {
                    "environment": {**environment, "deployment_branch_policy": protection}
                },
                "github_actions_environment_variable": {
                    "A": {**where, "variable_name": "A", "value": ""}
                },
                "github_repository_environment_deployment_policy": {
                    "main": {**where, "branch_pattern": "main"}
                },
            }
        }
    )

    said = stack.init().terraform("apply", status=1)
    assert "Root object was present, but now absent." in said
    assert 'strconv.ParseInt: parsing "eu:1": invalid syntax' in said
    assert stack.terraform("state", "list").split() == [
        "github_repository_environment.environment",
        "github_repository_environment_deployment_policy.main",
    ]


@needs_terraform
@pytest.mark.terraform
def test_bad_names_are_refused_before_anything_is_made(stack: Stack) -> None:
    """The provider itself checks them, and says so at the argument."""
    where = {"repository": "Papyrus", "environment": "production"}
    policy = {**where, "branch_pattern": "main", "tag_pattern": "v1"}
    stack.write(
        {
            "resource": {
                "github_actions_environment_variable": {
                    "a": {**where, "variable_name": "GITHUB_REF", "value": ""},
                    "b": {**where, "variable_name": "2ND", "value": ""},
                },
                "github_actions_environment_secret": {
                    "c": {**where, "secret_name": "A-B", "plaintext_value": "hush"},
                    "d": {
                        **where,
                        "secret_name": "D",
                        "plaintext_value": "hush",
                        "encrypted_value": "not in base64: hush",
                    },
                },
                "github_repository_environment": {"e": {**where, "wait_timer": 43_201}},
                "github_repository_environment_deployment_policy": {"f": policy},
            }
        }
    )

    said = stack.init().terraform("validate", status=1)
    assert "must not start with the GITHUB_ prefix" in said
    assert said.count("secret names can only contain alphanumeric characters") == 2
    assert '"encrypted_value": conflicts with plaintext_value' in said
    assert 'expected "encrypted_value" to be a base64 string' in said
    assert "expected wait_timer to be in the range (0 - 43200), got 43201" in said
    assert '"branch_pattern": conflicts with tag_pattern' in said


@needs_terraform
@pytest.mark.terraform
def test_what_was_made_by_hand_is_taken_over(stack: Stack, example: Content) -> None:
    """By the ids of release 6.9.0, which replaces a policy that it takes over."""
    github, resources = stack.github, example["resource"]
    protection = {
        "wait_timer": 0,
        "users": [],
        "teams": [],
        "prevent_self_review": False,
        "can_admins_bypass": False,
        "deployment_branch_policy": {"custom_branch_policies": True, "protected_branches": False},
    }
    github.put_environment(PAPYRUS, "production", protection)  # type: ignore[arg-type]
    policy = github.create_policy(PAPYRUS, "production", "branch", "main")
    github.create_variable(PAPYRUS, "production", "ID", "42")
    github.create_variable(PAPYRUS, None, "Region", "eu")
    github.put_secret(PAPYRUS, None, "PLAIN", "x")
    ruleset = github.create_ruleset(
        PAPYRUS,
        {
            "name": "production tags",
            "target": "tag",
            "enforcement": "active",
            "include": ["refs/tags/v*.*.*"],
            "exclude": ["refs/tags/v*-*"],
            "rules": ["creation", "deletion", "update"],
            "bypass_actors": [
                {"actor_type": "Team", "actor_id": 5, "bypass_mode": "always"},
                {"actor_type": "RepositoryRole", "actor_id": 5, "bypass_mode": "always"},
            ],
        },
    )
    settings = resources["github_repository_environment"]["environment"]
    for setting in ("wait_timer", "prevent_self_review", "reviewers"):
        del settings[setting]
    del resources["github_actions_environment_secret"]
    del resources["github_repository_environment_deployment_policy"]["tag"]
    stack.write(
        {
            **example,
            "import": [
                {"to": f"github_{address}", "id": id_}
                for address, id_ in (
                    ("repository_environment.environment", "Papyrus:production"),
                    ("actions_environment_variable.ID", "Papyrus:production:ID"),
                    ("actions_variable.Region", "Papyrus:Region"),
                    ("actions_secret.PLAIN", "Papyrus/PLAIN"),
                    ("repository_ruleset.tags", f"Papyrus:{ruleset}"),
                    (
                        "repository_environment_deployment_policy.branch",
                        f"Papyrus:production:{policy}",
                    ),
                )
            ],
        }
    )

    assert stack.init().plan() == (
        "no-op actions_environment_variable.ID, delete+create actions_secret.PLAIN, "
        "no-op actions_variable.Region, no-op repository_environment.environment, "
        "delete+create repository_environment_deployment_policy.branch, "
        "no-op repository_ruleset.tags"
    )
    stack.terraform("apply")
    assert stack.plan() == ""

    stack.write({**example, "import": [{"to": "github_actions_variable.Region", "id": "Papyrus"}]})
    stack.terraform("state", "rm", "github_actions_variable.Region")
    said = stack.terraform("plan", status=1)
    assert 'Unexpected ID format ("Papyrus"). Expected repository:variable_name' in said


@needs_terraform
@pytest.mark.terraform
def test_a_missing_repository_has_no_id(stack: Stack) -> None:
    """The provider's data source does not fail: what it gives is null, and so seen where used."""
    stack.write(
        {
            "data": {"github_repository": {"other": {"full_name": "Nickelth/Other"}}},
            "output": {"id": {"value": "repo:${data.github_repository.other.repo_id}"}},
        }
    )

    assert "The expression result is null" in stack.init().terraform("plan", status=1)


@needs_terraform
@pytest.mark.terraform
def test_the_address_of_another_github_stands_in_its_refusals(stack: Stack) -> None:
    """That of an Enterprise Server has a path."""
    stack.write(
        {
            "provider": {"github": {"owner": "X", "base_url": "https://git.example.com/"}},
            "data": {"github_user": {"owner": {"username": "nobody"}}},
        }
    )

    assert "GET https://git.example.com/api/v3/users/nobody: 404" in stack.init().terraform(
        "plan", status=1
    )

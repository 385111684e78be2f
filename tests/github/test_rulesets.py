"""Who makes the refs that deploy."""

from typing import Any

from cdktf import TerraformStack

from keyless_ecs.config.refs import full
from keyless_ecs.github.rulesets import Rulesets
from tests.conftest import ReadContent, Resources


def rulesets(stack: TerraformStack, **changes: Any) -> None:
    """Create rulesets that differ from the least ones by *changes*."""
    least: dict[str, Any] = {
        "repository": "Papyrus",
        "name": "papyrus-production",
        "refs": full(["main"], ["v*.*.*"], []),
        "teams": [],
        "apps": [],
        "roles": ["admin"],
    }
    Rulesets(stack, "ruleset", **{**least, **changes})


def test_nobody_else_makes_moves_or_deletes_a_tag(
    stack: TerraformStack, resources: Resources
) -> None:
    """Each of the three deploys another commit under a name that was reviewed.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/available-rules-for-rulesets
    """
    rulesets(stack, refs=full([], ["v*.*.*", "rel/**"], ["v*-*"]))

    assert resources("github_repository_ruleset") == {
        "ruleset_tags": {
            "repository": "Papyrus",
            "name": "papyrus-production tags",
            "target": "tag",
            "enforcement": "active",
            "conditions": {
                "ref_name": {
                    "include": ["refs/tags/v*.*.*", "refs/tags/rel/**/*"],
                    "exclude": ["refs/tags/v*-*"],
                }
            },
            "rules": {"creation": True, "deletion": True, "update": True},
            "bypass_actors": [
                {"actor_type": "RepositoryRole", "actor_id": 5, "bypass_mode": "always"}
            ],
        }
    }


def test_everybody_merges_into_a_branch_as_before(
    stack: TerraformStack, resources: Resources
) -> None:
    """A rule against updates would stop every merge of whom it does not name."""
    rulesets(stack, refs=full(["main", "release/*"], ["v*"], []))

    made = resources("github_repository_ruleset")
    assert made.keys() == {"ruleset_branches", "ruleset_tags"}
    branches = made["ruleset_branches"]
    assert branches["rules"] == {"creation": True, "deletion": True, "non_fast_forward": True}
    assert branches["target"] == "branch"
    assert branches["conditions"]["ref_name"] == {
        "include": ["refs/heads/main", "refs/heads/release/*"],
        "exclude": [],
    }


def test_a_team_is_named_not_numbered(stack: TerraformStack, content: ReadContent) -> None:
    """Looked up once for both rulesets; and the plan says where it cannot write there anyway."""
    rulesets(stack, teams=["release"], apps=["123456"], roles=["maintain"])

    made = content()
    for each in made["resource"]["github_repository_ruleset"].values():
        assert [(actor["actor_type"], actor["actor_id"]) for actor in each["bypass_actors"]] == [
            ("Team", "${data.github_team.ruleset_team_release.id}"),
            ("Integration", 123456),
            ("RepositoryRole", 2),
        ]
    assert made["data"]["github_team"] == {"ruleset_team_release": {"slug": "release"}}
    assert (
        "Papyrus among its" in made["check"]["releasing_team_release"]["assert"][0]["error_message"]
    )

"""Who makes the branches and tags that deploy: rulesets of the repository."""

from collections.abc import Mapping, Sequence

from cdktf import Token
from cdktf_cdktf_provider_github.repository_ruleset import (
    RepositoryRuleset,
    RepositoryRulesetBypassActors,
    RepositoryRulesetConditions,
    RepositoryRulesetConditionsRefName,
    RepositoryRulesetRules,
)
from constructs import Construct

from keyless_ecs.config.refs import Refs
from keyless_ecs.github.refs import fnmatch_pattern
from keyless_ecs.github.team import look_up_team

ROLES: Mapping[str, int] = {"admin": 5, "maintain": 2}
"""https://registry.terraform.io/providers/integrations/github/latest/docs/resources/repository_ruleset"""


_BRANCH_RULES = RepositoryRulesetRules(creation=True, deletion=True, non_fast_forward=True)
_TAG_RULES = RepositoryRulesetRules(creation=True, deletion=True, update=True)


class Rulesets(Construct):
    """Rulesets that leave what deploys to a few: one for tags, one for branches.

    Rulesets add up, so that those of two stacks and those of the repository's owner stand side by
    side; each holds whom it does not name itself.
    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets

    A tag is what it deploys: nobody else makes, moves or deletes one. A branch nobody else makes,
    rewrites or deletes; commits are added to it as before, since a rule against that would stop
    every merge, and whether they need a review is for the repository's own rules to say.

    Args:
        repository: Repository name, without the owner.
        name: What the names of the rulesets begin with.
        refs: The refs that deploy.
        teams: Slugs of the teams that pass by.
        apps: Ids of the GitHub Apps that pass by.
        roles: The roles of :data:`ROLES` that pass by. There is none for the owners of an
            organization, who are admins: before release 6.13 the provider takes the id 1 for them,
            and GitHub gives back none, so that each plan shows a change.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        repository: str,
        name: str,
        refs: Refs,
        teams: Sequence[str],
        apps: Sequence[str],
        roles: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        actors = [("Team", _team_id(self, repository, team)) for team in teams]
        actors += [("Integration", int(app)) for app in apps]
        actors += [("RepositoryRole", ROLES[role]) for role in roles]
        for target, kind, prefix, rules in (
            ("branch", "branches", "refs/heads/", _BRANCH_RULES),
            ("tag", "tags", "refs/tags/", _TAG_RULES),
        ):
            include, exclude = (
                [fnmatch_pattern(each) for each in patterns if each.startswith(prefix)]
                for patterns in (refs.allowed, refs.refused)
            )
            if not include:
                continue
            RepositoryRuleset(
                self,
                kind,
                repository=repository,
                name=f"{name} {kind}",
                target=target,
                enforcement="active",
                conditions=RepositoryRulesetConditions(
                    ref_name=RepositoryRulesetConditionsRefName(include=include, exclude=exclude)
                ),
                rules=rules,
                bypass_actors=[
                    RepositoryRulesetBypassActors(
                        actor_type=type_, actor_id=actor, bypass_mode="always"
                    )
                    for type_, actor in actors
                ],
            )


def _team_id(scope: Construct, repository: str, team: str) -> float:
    found = look_up_team(
        scope,
        repository,
        team,
        check=f"releasing_team_{team}",
        otherwise=f"The team {team} is to make the branches and tags that deploy, and GitHub does "
        f"not list {repository} among its repositories. Who cannot write there makes none: give "
        "the team the role Write.",
    )
    return float(Token.as_number(found.id))

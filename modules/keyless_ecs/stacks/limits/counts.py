"""How many variables and secrets GitHub keeps in one place.

https://docs.github.com/en/actions/reference/workflows-and-actions/variables
https://docs.github.com/en/actions/reference/security/secrets
"""

from collections import defaultdict
from collections.abc import Iterator

from keyless_ecs.stacks.limits.finished import Finished
from keyless_ecs.stacks.limits.unfit import Unfit

_VARIABLES = "give those that the container reads to container.variables, or join some"
_SECRETS = "keep those that the container reads in SSM and name them in container.secrets"
MOST = {
    "github_actions_environment_variable": ("variables of an environment", 100, _VARIABLES),
    "github_actions_environment_secret": ("secrets of an environment", 100, _SECRETS),
    "github_actions_variable": ("variables of a repository", 500, _VARIABLES),
    "github_actions_secret": ("secrets of a repository", 100, _SECRETS),
}
VARIABLES_OF_A_REPOSITORY = 256 * 1024
"""Bytes of them all together."""


def unfit_counts(stack: Finished) -> Iterator[Unfit]:
    """Yield the environments and repositories that would hold more than GitHub keeps there."""
    for type_, (what, most, mend) in MOST.items():
        places: dict[tuple[str, str], list[str]] = defaultdict(list)
        for _, arguments in stack.resources(type_):
            place = arguments["repository"], str(stack.read(arguments.get("environment")))
            places[place].append(arguments.get("variable_name") or arguments["secret_name"])
        for names in places.values():
            if len(names) > most:
                yield Unfit(
                    f"{len(names)} {what}, built-in ones too, and GitHub keeps {most}; {mend}",
                    names,
                )
    size = sum(
        len(str(stack.read(arguments["value"])).encode())
        for _, arguments in stack.resources("github_actions_variable")
    )
    if size > VARIABLES_OF_A_REPOSITORY:
        yield Unfit(
            f"{size:,} bytes in the variables of a repository, and GitHub takes "
            f"{VARIABLES_OF_A_REPOSITORY:,}; shorten some"
        )

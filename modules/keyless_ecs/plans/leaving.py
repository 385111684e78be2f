"""What is said of a stack that left the delivery file: what it may be, and how it goes in order."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from keyless_ecs.plans.command_line import terraform_in
from keyless_ecs.plans.content import StackJson, lifecycle, type_of

Place = Sequence[str]
"""Where a stack stands in the delivery file: ``services``, ``web``, ``environments``, ``test``."""


def farewell(
    folder: Path, stack: StackJson, came: Mapping[str, StackJson], places: Mapping[str, Place]
) -> Iterator[str]:
    """Yield what a stack that left may have become, and the steps in which it goes.

    A rename is first taken for a rename: to destroy what only has another key would be the worst.

    Args:
        folder: The stack's folder.
        stack: The JSON in it.
        came: The JSON of each stack that comes with the same run.
        places: Where each stack stands in the delivery file.
    """
    for name, new in came.items():
        place = places.get(name, ())
        if new.account_id == stack.account_id and _repositories(new) == _repositories(stack):
            for keys, was in renamed(folder.name, place):
                yield (
                    f"  renamed to {'.'.join(keys)}? put the old key back, or write was: {was} "
                    "there: everything keeps its name, and its state moves along"
                )
    yield "  of another delivery file? write this one elsewhere: --out DIR"
    yield "  to let it go, in this order:"
    for number, step in enumerate(_steps(folder, stack), 1):
        yield f"    {number}. {step}"


def renamed(left: str, place: Place) -> Iterator[tuple[Place, str]]:
    """Yield each key of *place* that may have another one's place in the name of what *left*."""
    match place:
        case ("accounts", _) if left.startswith("account-"):
            yield place, left.removeprefix("account-")
        case ("services", service, "environments", environment):
            if left.startswith(f"{service}-"):
                yield place, left.removeprefix(f"{service}-")
            if left.endswith(f"-{environment}"):
                yield place[:2], left.removesuffix(f"-{environment}")


def _repositories(stack: StackJson) -> set[str]:
    """Return the GitHub repositories that a stack delivers, in the case that GitHub folds."""
    return {
        str(arguments["repository"]).lower()
        for address, arguments in stack.resources.items()
        if address.startswith("github_") and "repository" in arguments
    }


def _steps(folder: Path, stack: StackJson) -> Iterator[str]:
    """Yield what takes a stack away, in the order in which Terraform and AWS let it go."""
    made = stack.resources
    terraform = terraform_in(folder)
    yield f"{terraform} init"
    for address, arguments in made.items():
        if type_of(address) == "aws_iam_openid_connect_provider":
            yield (
                "every pipeline of the account needs it, those of other files too: "
                f"{terraform} state rm {address}"
            )
        elif lifecycle(arguments).get("prevent_destroy"):
            yield (
                f"{address} is protected: {terraform} state rm {address} to keep it; else put the "
                "environment back, without protect and adopt, and run this program once more"
            )
        elif arguments.get("enable_deletion_protection"):
            yield (
                f"{address} is protected: put the environment back, without protect, "
                "run this program once more and apply"
            )
    for address, arguments in made.items():
        # https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html
        if type_of(address) == "aws_ecr_repository" and not arguments.get("force_delete"):
            region = arguments.get("region") or stack.region
            yield (
                "unless the registry is empty, and where nobody else runs its images: "
                f"aws ecr delete-repository --force --region {region} "
                f"--repository-name {arguments.get('name')}"
            )
    yield f"{terraform} destroy (to keep what it made, move the folder elsewhere instead)"
    yield f"rm -r {shlex.quote(str(folder))}"

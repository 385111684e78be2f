"""CODEOWNERS fragments: whoever writes these files holds the roles, so somebody must approve.

They stand where GitHub does not read them, because a repository has one such file and it may be
there already: a person adds the lines at its end, where they win.
https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from collections.abc import Sequence

from keyless_ecs.header import FROM_DELIVERY_FILE

FILE = "CODEOWNERS"
_HEADER = f"""\
{FROM_DELIVERY_FILE} Add these lines at the end of the repository's
# .github/CODEOWNERS, and require review from code owners on the branches that deploy.
"""


def of_terraform(owners: Sequence[str], root: str = "generated") -> str:
    """Return the lines for the repository that holds the Terraform side, in its folder *root*.

    The delivery file is taken to stand beside that folder.
    """
    beside = "" if root == "." else f"/{root.rpartition('/')[0]}".rstrip("/")
    folder = "/" if root == "." else f"/{root}/"
    return (
        _HEADER
        + "# Where the first two stand elsewhere, write their paths instead.\n"
        + _lines([f"{beside}/delivery.yaml", folder, "/.github/"], owners)
    )


def of_service(owners: Sequence[str]) -> str:
    """Return the lines for the repository of a service, whose workflows enter its roles.

    Any workflow may ask for the environment, so all are meant, with the actions beside them.
    """
    return _HEADER + _lines(["/.github/"], owners)


def _lines(patterns: Sequence[str], owners: Sequence[str]) -> str:
    return "".join(f"{pattern} {' '.join(owners)}\n" for pattern in patterns)

"""What git and the AWS configuration know already, so that nobody has to type it."""

import configparser
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

_REMOTE = re.compile(
    r"(?:https?://(?:[^@/]+@)?[^/]+/|(?:ssh://)?[^@/]+@[^:/]+(?::\d+/|[:/]))"
    r"(?P<owner>[^/]+)/(?P<repository>[^/]+?)(?:\.git)?/?"
)
"""https://git-scm.com/docs/git-clone#_git_urls, as GitHub spells them."""
_EXPOSED = re.compile(r"^\s*EXPOSE\s+(\d+)(?:/tcp)?\s*$", re.MULTILINE | re.IGNORECASE)
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/")


def found(folder: Path) -> Mapping[str, str]:
    """Return what is known in *folder*: of owner, repository, branch, port, region, account_id.

    Nothing is asked over the network.
    """
    return {**_in_git(folder), **_in_dockerfile(folder), **_in_aws()}


def _in_git(folder: Path) -> dict[str, str]:
    remote = _REMOTE.fullmatch(_git(folder, "remote", "get-url", "origin"))
    if not remote:
        return {}
    head = _git(folder, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")
    branch = head.removeprefix("origin/")
    return {**remote.groupdict(), **({"branch": branch} if branch else {})}


def _in_dockerfile(folder: Path) -> dict[str, str]:
    """Read the one port that the image says it listens on.

    https://docs.docker.com/reference/dockerfile/#expose
    """
    try:
        text = (folder / "Dockerfile").read_text(encoding="utf-8")
    except (OSError, UnicodeError):
        return {}
    ports = set(_EXPOSED.findall(text))
    return {"port": ports.pop()} if len(ports) == 1 else {}


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607 -- the user's own
            cwd=folder,
            capture_output=True,
            text=True,
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _in_aws() -> dict[str, str]:
    """Read the profile as AWS's tools do; no credential is looked at.

    https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
    """
    name = os.environ.get("AWS_PROFILE", "default")
    path = os.environ.get("AWS_CONFIG_FILE") or os.path.expanduser("~/.aws/config")  # noqa: PTH111
    file = configparser.ConfigParser(interpolation=None)
    try:
        file.read(path, encoding="utf-8")
    except (OSError, UnicodeError, configparser.Error):
        file.clear()
    section = name if name == "default" else f"profile {name}"
    profile = dict(file[section]) if file.has_section(section) else {}
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    role = _ROLE.match(profile.get("role_arn", ""))
    account = profile.get("sso_account_id") or (role[1] if role else "")
    known = {"region": region or profile.get("region", ""), "account_id": account}
    return {key: value for key, value in known.items() if value}

"""Programs that stand in for those which a script would call on a runner of GitHub's."""

from collections.abc import Sequence
from pathlib import Path

from keyless_ecs.rehearsal import preloaded

_AWS = "keyless_ecs.rehearsal.pipeline.aws_cli"

_GH = r"""#!/bin/bash
# gh api repos/OWNER/NAME/compare/BASE...HEAD --jq .status
# https://docs.github.com/en/rest/commits/commits#compare-two-commits
fail() { echo "gh: $1" >&2; exit 1; }
commits="([0-9a-f]+)\.\.\.([0-9a-f]+)"
compare="^api repos/$GITHUB_REPOSITORY/compare/$commits(\?[^ ]*)? --jq \.status$"
[[ $* =~ $compare ]] || fail "the rehearsal does not know: gh $*"
[ "$GH_TOKEN" ] || fail "To use GitHub CLI in a workflow, set the GH_TOKEN environment variable"
[ -f "$0.commits" ] || fail "Resource not accessible by integration (HTTP 403)"
base=$(grep -nx "${BASH_REMATCH[1]}" "$0.commits") || fail "Not Found (HTTP 404)"
head=$(grep -nx "${BASH_REMATCH[2]}" "$0.commits") || fail "Not Found (HTTP 404)"
case $((${head%%:*} - ${base%%:*})) in
  0) echo identical ;;
  -*) echo behind ;;
  *) echo ahead ;;
esac
"""

_SLEEP = """#!/bin/bash
# Nothing happens beside a rehearsed job, so that waiting would not help.
"""


def write(folder: Path, commits: Sequence[str] | None) -> None:
    """Write the programs into *folder*.

    Args:
        folder: Where: the first of PATH.
        commits: What ``gh`` compares, each the parent of the next; None where it may read nothing.
    """
    folder.mkdir(exist_ok=True)
    for name, text in (("aws", preloaded.program(_AWS)), ("gh", _GH), ("sleep", _SLEEP)):
        program = folder / name
        program.write_text(text)
        program.chmod(0o755)
    if commits is not None:
        (folder / "gh.commits").write_text("".join(f"{commit}\n" for commit in commits))

"""A script of a job, run for real between an ``aws`` and a ``gh`` that stand in for those."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keyless_ecs.github.workflows.scripts import script

# What AWS's own command line does, as far as the scripts use it: its answers come from a file, by
# the operation and then by what is asked for, and --query is the real language.
_AWS = """#!{python}
import json, sys, jmespath
service, operation, *rest = sys.argv[1:]
given, names = {{}}, []
for word in rest:
    if word.startswith("--"):
        names.append(word[2:])
        given[word[2:]] = []
    else:
        given[names[-1]].append(word)
given = {{name: " ".join(words) for name, words in given.items()}}
with open({calls!r}, "a") as log:
    log.write(json.dumps([operation, given]) + "\\n")
with open({answers!r}) as file:
    answers = json.load(file)
found = answers[operation]
if isinstance(found, dict) and "by" in found:
    found = found["answers"].get(given[found["by"]], found.get("else"))
if isinstance(found, list):
    times = sum(json.loads(line)[0] == operation for line in open({calls!r}))
    found = found[min(times, len(found)) - 1]
if isinstance(found, str):
    sys.exit(f"\\nAn error occurred ({{found}}) when calling {{operation}}")
value = jmespath.search(given["query"], found) if "query" in given else found
if given.get("output", "json") == "json":
    print(json.dumps(value, indent=4))
else:
    print(*value, sep="\\t") if isinstance(value, list) else print(value)
"""
_GH = """#!{python}
import json, sys, os
with open({calls!r}, "a") as log:
    log.write(json.dumps(["gh", sys.argv[1:], os.environ["GH_HOST"]]) + "\\n")
with open({answers!r}) as file:
    answer = json.load(file)["gh"]
if answer not in ("ahead", "behind", "identical", "diverged"):
    print('{{"message": "..."}}')
    sys.exit(f"gh: {{answer}}")
print(answer)
"""


@dataclass
class Done:
    """What a script did: its *outputs*, *summary*, the *calls* it made, and what it said."""

    status: int
    said: str
    outputs: dict[str, str]
    summary: str
    calls: list[list[Any]] = field(default_factory=list)

    def called(self, operation: str) -> list[dict[str, str]]:
        """Return the arguments of each call of *operation*."""
        return [call[1] for call in self.calls if call[0] == operation]


def run(name: str, folder: Path, answers: Mapping[str, Any], **variables: str) -> Done:
    """Run the script *name* as GitHub's runner does.

    Args:
        name: The script.
        folder: An empty folder, in which it runs.
        answers: What AWS answers, by operation: data, a text for an error, a list for one after the
            other (the last one stays), or ``{"by": option, "answers": …, "else": …}``. What ``gh``
            answers stands under its name.
        variables: Environment variables, the job's and the step's.
    """
    (folder / "bin").mkdir(exist_ok=True)
    places = {name: str(folder / name) for name in ("answers", "calls")}
    (folder / "answers").write_text(json.dumps(answers))
    (folder / "calls").write_text("")
    programs = {"aws": _AWS, "gh": _GH, "sleep": "#!/bin/bash\n"}
    for program, text in programs.items():
        path = folder / "bin" / program
        path.write_text(text.format(python=sys.executable, **places))
        path.chmod(0o755)
    files = {"GITHUB_OUTPUT": "outputs", "GITHUB_STEP_SUMMARY": "summary", "RUNNER_TEMP": "temp"}
    for file in ("outputs", "summary"):
        (folder / file).write_text("")
    (folder / "temp").mkdir(exist_ok=True)
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script(name)],
        cwd=folder,
        env={
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_REPOSITORY": "Nickelth/Papyrus",
            "GITHUB_SERVER_URL": "https://github.com",
            **{variable: str(folder / file) for variable, file in files.items()},
            **variables,
        },
        capture_output=True,
        text=True,
    )
    lines = (folder / "outputs").read_text().splitlines()
    return Done(
        done.returncode,
        done.stdout + done.stderr,
        dict(line.split("=", 1) for line in lines),
        (folder / "summary").read_text(),
        [json.loads(line) for line in (folder / "calls").read_text().splitlines()],
    )


def words(command: str) -> list[str]:
    """Return the words that bash makes of a command."""
    done = subprocess.run(
        ["bash", "-c", f"printf '%s\\n' {command}"], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()

"""Real Terraform with the stand-in for GitHub's provider."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from keyless_ecs.rehearsal.github import plugin
from keyless_ecs.rehearsal.github.store import GitHub
from keyless_ecs.rehearsal.terraform import providers
from keyless_ecs.rehearsal.terraform.terraform import Terraform
from tests.conftest import Content


@contextmanager
def stack(folder: Path) -> "Iterator[Stack]":
    """Return a stack in *folder*, beside a GitHub with the example's repository and its people."""
    github = GitHub.create(
        folder / "github.json",
        owner="Nickelth",
        owner_id=1,
        repositories={"Papyrus": 42},
        users={"octocat": 9},
        teams={"platform": 5},
    )
    with plugin.serving(github.path) as running:
        yield Stack(folder, running)


class Stack:
    """A folder in which real Terraform works with the stand-in."""

    def __init__(self, folder: Path, running: Mapping[str, Any]) -> None:
        self.github = GitHub(folder / "github.json")
        self.folder = folder / "stack"
        self.folder.mkdir()
        address = f"{providers.registry(Terraform.find())}/{providers.GITHUB}"
        self.environment = {
            **os.environ,
            "TF_CLI_CONFIG_FILE": os.devnull,
            "TF_REATTACH_PROVIDERS": json.dumps({address: running}),
            "CHECKPOINT_DISABLE": "1",
            "TF_CLI_ARGS": "-no-color",
            "TF_IN_AUTOMATION": "1",
            "TF_VAR_secret_TOKEN": "hush",
        }

    def write(self, content: Content) -> None:
        """Make *content* all that the stack is, with the provider it needs."""
        required = {"github": {"source": "integrations/github", "version": plugin.VERSION}}
        general = {
            "terraform": {"required_providers": required},
            "provider": {"github": [{"owner": "Nickelth"}]},
            "variable": {"secret_TOKEN": {"type": "string", "sensitive": True}},
        }
        (self.folder / "main.tf.json").write_text(json.dumps({**general, **content}))

    def init(self) -> "Stack":
        """Let Terraform find the provider."""
        self.terraform("init")
        return self

    def terraform(self, *arguments: str, status: int = 0) -> str:
        """Run Terraform and return what it said, which must end with *status*."""
        verb, *rest = arguments
        options = {
            "init": ["-input=false"],
            "plan": ["-input=false"],
            "apply": ["-input=false", "-auto-approve"],
            "destroy": ["-input=false", "-auto-approve"],
        }
        command = ["terraform", f"-chdir={self.folder}", verb, *options.get(verb, []), *rest]
        result = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        said = result.stdout + result.stderr
        assert result.returncode == status, said
        # Terraform draws a frame around an error, and breaks its lines.
        return re.sub(r"\s+", " ", re.sub(r"[╷│╵]", "", said))

    def plan(self) -> str:
        """Return what Terraform would do, from its own list of changes; "" for nothing."""
        said = self.terraform("plan", "-out=plan")
        shown = subprocess.run(
            ["terraform", f"-chdir={self.folder}", "show", "-json", "plan"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        changes = {
            each["address"].removeprefix("github_"): "+".join(each["change"]["actions"])
            for each in json.loads(shown.stdout)["resource_changes"]
            if each["change"]["actions"] != ["no-op"] or "importing" in each["change"]
        }
        assert ("No changes." in said) == (not changes)
        return ", ".join(f"{action} {address}" for address, action in sorted(changes.items()))

"""``main.py adopt``: the table, the questions to AWS, and what comes of the answers."""

import json
import shlex
from pathlib import Path

import pytest

from tests.conftest import Content
from tests.support.command_line import Run

SERVICE = {
    "serviceName": "papyrus-production",
    "clusterArn": "arn:aws:ecs:ap-northeast-1:123456789012:cluster/papyrus-production",
    "desiredCount": 6,
}


@pytest.fixture
def config(tmp_path: Path, example: Content) -> Path:
    """Return a delivery file that adopts a service and says nothing of it."""
    example["services"]["papyrus"]["environments"]["production"]["adopt"] = ["service", "task_role"]
    example["accounts"]["main"]["oidc_provider"] = "adopt"
    path = tmp_path / "delivery.yaml"
    path.write_text(json.dumps(example))
    return path


def test_who_asks_is_told_how_to_find_out(run: Run, config: Path) -> None:
    """The file is not fit to be applied yet; the commands show what it must say."""
    assert run("--config", config).returncode == 2

    shown = run("adopt", "--config", config)
    assert shown.returncode == 0
    *commands, compare = shown.stdout.partition("there is:\n")[2].splitlines()
    files = [line.rpartition(" > ")[2] for line in commands]
    assert shlex.split(compare)[-len(files) :] == files
    assert [line.split()[1:3] for line in commands] == [
        ["iam", "get-open-id-connect-provider"],
        ["ecs", "describe-services"],
        ["ecs", "describe-task-definition"],
        ["iam", "get-role"],
    ]


def test_what_would_change_is_found(run: Run, config: Path, tmp_path: Path) -> None:
    """Exit status 1, the change and the line that keeps it; 0 where nothing would."""
    answer = tmp_path / "service.json"
    answer.write_text(json.dumps({"services": [SERVICE], "failures": []}))

    found = run("adopt", "--config", config, "--from", answer)
    assert found.returncode == 1
    assert "desired count  6 -> 1" in found.stdout
    assert "        count: 6\n" in found.stdout

    answer.write_text(json.dumps({"services": [{**SERVICE, "desiredCount": 1}]}))
    found = run("adopt", "--config", config, "--from", answer)
    assert (found.returncode, found.stdout) == (
        0,
        "papyrus-production: service papyrus-production: the first apply changes nothing\n",
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{}", "give the output of aws ecs describe-clusters"),
        ("[]", "give the output of aws ecs describe-clusters"),
        ("{", "is not JSON"),
        ('{"services": []}', "nothing in these files is what the delivery file describes"),
    ],
)
def test_a_file_that_is_no_answer(
    run: Run, config: Path, tmp_path: Path, text: str, says: str
) -> None:
    """Its path, and what is wanted; so for one that is not there."""
    answer = tmp_path / "answer.json"
    answer.write_text(text)

    refused = run("adopt", "--config", config, "--from", answer)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert says in refused.stderr
    missing = run("adopt", "--config", config, "--from", tmp_path / "none.json")
    assert missing.returncode == 2
    assert f"{tmp_path}/none.json: cannot be read" in missing.stderr

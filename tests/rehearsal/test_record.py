"""The record of a rehearsal: read back, it is the same; its shape is documented."""

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from keyless_ecs.rehearsal.report import record
from keyless_ecs.rehearsal.report.record import Record, Step
from tests.conftest import ROOT
from tests.support import rehearsed

DOCUMENTED = (ROOT / "docs/rehearsal-report.md").read_text()


@pytest.mark.parametrize("made", [rehearsed.sample, rehearsed.failed, rehearsed.hostile])
def test_a_record_is_the_same_when_read_back(made: Callable[[], Record]) -> None:
    """Machines lose nothing."""
    found = made()
    assert Record.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        (["passed"], "passed"),
        (["passed", "skipped"], "passed"),
        (["passed", "failed", "skipped"], "failed"),
    ],
)
def test_it_passes_if_no_step_failed(outcomes: list[Any], verdict: str) -> None:
    """The verdict is no field: nobody can set it against the steps."""
    steps = [Step("x", None, 1.0, outcome, "") for outcome in outcomes]
    found = dataclasses.replace(rehearsed.sample(), steps=steps)

    assert found.verdict == verdict
    assert json.loads(found.to_json())["verdict"] == verdict


def test_what_is_no_text_is_written_all_the_same() -> None:
    """A message may hold bytes that a decoder passed through; the report is not lost for it."""
    step = Step("x", None, 1.0, "passed", "\udcff →")
    text = dataclasses.replace(rehearsed.sample(), steps=[step]).to_json()

    assert Record.from_json(text).steps[0].detail == "? →"


@pytest.mark.parametrize(
    ("key", "value"), [("version", 2), ("steps", [{}]), ("steps", "x"), ("stacks", None)]
)
def test_another_shape_is_refused(key: str, value: object) -> None:
    """A report of another version is not half understood."""
    data = json.loads(rehearsed.sample().to_json())

    with pytest.raises(ValueError, match=key):
        Record.from_json(json.dumps({**data, key: value}))


def test_its_shape_is_documented() -> None:
    """Every key has its row, and every row its key."""
    kinds = [kind for kind in vars(record).values() if dataclasses.is_dataclass(kind)]
    keys = {field.name for kind in kinds for field in dataclasses.fields(kind)} | {"verdict"}
    rows = {
        key
        for row in re.findall(r"^\| (`[^|]+) \|", DOCUMENTED, re.MULTILINE)
        for key in re.findall(r"`(\w+)`", row)
    }

    assert rows == keys

"""``main.py rehearse``: which environments it plays, and how it ends."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from keyless_ecs.commands import main
from keyless_ecs.commands.rehearse import selected
from keyless_ecs.config import DeliveryFile
from keyless_ecs.rehearsal.play import Play
from keyless_ecs.rehearsal.report import page
from keyless_ecs.rehearsal.report.record import Record
from keyless_ecs.rehearsal.report.recorder import Recorder
from keyless_ecs.rehearsal.terraform.terraform import Terraform
from tests.conftest import EXAMPLE, ROOT, Content


@pytest.fixture
def several(example: Content, loaded: Callable[[Content], DeliveryFile]) -> DeliveryFile:
    """Return two services of one repository, and one of another."""
    services = example["services"]
    (production,) = services["papyrus"]["environments"].values()
    live = {**production, "registry": {"from": "test"}}
    services["papyrus"]["environments"] = {"test": production, "live": live}
    services["scroll"] = {**services["papyrus"], "environments": {"blue": production}}
    services["other"] = {**services["scroll"], "repository": "Other"}
    return loaded(example)


@pytest.mark.parametrize(
    ("only", "names"),
    [
        (None, "other-blue papyrus-test papyrus-live scroll-blue"),
        ("papyrus-test", "papyrus-test papyrus-live scroll-blue"),
        ("*-blue", "other-blue papyrus-test papyrus-live scroll-blue"),
        ("other-*", "other-blue"),
        ("nobody", ""),
        # An account delivers nothing.
        ("account-*", ""),
    ],
)
def test_a_repository_is_played_as_a_whole(
    several: DeliveryFile, only: str | None, names: str
) -> None:
    """Its environments share the workflow files, and a push reaches each of them."""
    assert [delivery.name for delivery in selected(several, only)] == names.split()


def broken_play(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let the play fail at its beginning."""

    def run(_: Play) -> None:
        raise error

    monkeypatch.setattr(Play, "run", run)
    monkeypatch.setattr(Terraform, "find", lambda: Terraform("terraform", "1.11.4"))


def rehearse(*options: str) -> int:
    """Run the command line on the example, with a report where the tests look for it."""
    report = ("--report", str(page.REPORT))
    return main.main(["rehearse", "--config", str(EXAMPLE), *report, *options])


def test_a_report_that_nobody_asked_for_is_in_no_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a foreign repository git would not ignore it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    (tmp_path / "tmp").mkdir()
    broken_play(monkeypatch, RuntimeError())

    assert main.main(["rehearse", "--config", str(EXAMPLE)]) == 1

    (report,) = tmp_path.rglob("report.json")
    assert [it.name for it in tmp_path.iterdir()] == ["tmp"]
    assert f"The report: {report.with_name('index.html')}" in capsys.readouterr().out


def test_a_failure_exits_1_with_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The text of what went wrong is on the terminal, the page and in the JSON."""
    monkeypatch.chdir(tmp_path)
    broken_play(monkeypatch, RuntimeError("the roof fell in"))

    assert rehearse() == 1

    shown = capsys.readouterr().out
    assert "FAILED" in shown
    assert "the roof fell in" in shown
    assert f"The report: {page.REPORT / 'index.html'}" in shown
    record = Record.from_json((page.REPORT / "report.json").read_text())
    assert (record.verdict, record.steps[0].detail) == ("failed", "the roof fell in")
    assert "the roof fell in" in (page.REPORT / "index.html").read_text()


def test_success_exits_0(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A play without a failed step has passed."""
    monkeypatch.chdir(tmp_path)
    broken_play(monkeypatch, RuntimeError())
    monkeypatch.setattr(Play, "run", lambda _: None)

    assert rehearse() == 0
    assert "passed: " in capsys.readouterr().out


def test_an_interruption_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends it, and writes no report; an older one is not taken for a new one."""
    monkeypatch.chdir(tmp_path)
    broken_play(monkeypatch, RuntimeError())
    assert rehearse() == 1
    assert (page.REPORT / "report.json").exists()

    def interrupted(_: Play) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Play, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rehearse()
    assert list(page.REPORT.iterdir()) == []


def test_a_stack_that_is_not_there_exits_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is played."""
    broken_play(monkeypatch, RuntimeError())

    assert rehearse("--only", "nobody") == 2
    assert capsys.readouterr().err == "--only nobody: no such stack delivers a service\n"


def test_no_terraform_exits_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says how to get one, and writes no report."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert rehearse() == 2

    said = capsys.readouterr().err
    assert "there is no terraform on PATH; install Terraform 1.5.0 or newer" in said
    assert "https://developer.hashicorp.com/terraform/install" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "blocked", ["rehearsal", "rehearsal/report", "rehearsal/report/index.html"]
)
def test_a_report_that_cannot_be_written_exits_2(
    blocked: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Not after a minute, where that can be known before."""
    monkeypatch.chdir(tmp_path)
    played: list[Play] = []
    broken_play(monkeypatch, RuntimeError())
    monkeypatch.setattr(Play, "run", lambda play: played.append(play))
    place = tmp_path / blocked
    if blocked.endswith("html"):
        (place / "in the way").mkdir(parents=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("a file")

    assert rehearse() == 2

    assert "rehearsal/report" in capsys.readouterr().err
    assert bool(played) == blocked.endswith("html")


@pytest.mark.slow
@pytest.mark.parametrize("missing", ["boto3", "moto", "werkzeug", "jinja2"])
def test_a_missing_package_exits_2(missing: str) -> None:
    """The generator works without them, and says what installs them."""
    program = (
        "import sys; sys.modules[sys.argv[1]] = None; from keyless_ecs.commands import main; "
        "sys.exit(main.main(['rehearse', '--config', sys.argv[2], '--only', 'nobody']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, missing, EXAMPLE],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    said = rf"{missing}(\.\w+)? is not installed; in a checkout make rehearse installs it, "
    assert re.match(said, done.stderr)
    assert "pipx install --force '.[rehearse]'" in done.stderr
    assert done.returncode == 2


def test_steps_are_noted_and_shown() -> None:
    """Name, stack, outcome and what came of it; a failure with its whole text."""
    shown: list[str] = []
    recorder = Recorder(shown.append)
    with recorder.of("outer"):
        with recorder.of("inner"), recorder.step("plan") as details:
            details += ["1 to create", "2 to update"]
        with pytest.raises(ValueError, match="two"), recorder.step("apply"):
            raise ValueError("line one\nline two")
    with recorder.step("alone"):
        pass

    assert [(step.stack, step.name, step.outcome, step.detail) for step in recorder.steps] == [
        ("inner", "plan", "passed", "1 to create; 2 to update"),
        ("outer", "apply", "failed", "line one\nline two"),
        (None, "alone", "passed", ""),
    ]
    assert shown[0].startswith("    ok")
    assert shown[0].endswith("s  inner: plan (1 to create; 2 to update)")
    assert shown[1].startswith("FAILED")
    assert shown[1].endswith("outer: apply")
    assert shown[2] == "line one\nline two"


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (RuntimeError("text"), "text"),
        (AssertionError(), "AssertionError()"),
        (KeyError("name"), "KeyError('name')"),
    ],
)
def test_a_failure_has_a_text(error: Exception, detail: str) -> None:
    """Also one whose error has none, and one between two steps."""
    recorder = Recorder(lambda _: None)
    recorder.failed(error)
    assert [(step.name, step.detail) for step in recorder.steps] == [("rehearse", detail)]

    recorder = Recorder(lambda _: None)
    with pytest.raises(type(error)), recorder.step("it"):
        raise error
    recorder.failed(error)
    assert [(step.name, step.detail) for step in recorder.steps] == [("it", detail)]

"""Many stacks: the same output from one process and from many, and a part of it alone."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from keyless_ecs import synthesis
from keyless_ecs.commands import delivery, main
from keyless_ecs.config import DeliveryFile
from keyless_ecs.synthesis import workers
from tests.conftest import EXAMPLE, Content
from tests.support.config import of_services

SERVICES = 27
"""With the account, more stacks than one process takes by itself."""


@pytest.fixture
def many(example: Content, loaded: Callable[[Content], DeliveryFile]) -> DeliveryFile:
    """Return a delivery file of many services."""
    return loaded(of_services(example, SERVICES))


@pytest.mark.slow
def test_one_process_and_two_yield_the_same(many: DeliveryFile) -> None:
    """Order and bytes do not depend on the machine's cores."""
    names = many.stack_names()
    counts: list[int] = []

    two = synthesis.synthesize(many, names, processes=2, progress=counts.append)
    assert [stack.name for stack in two] == names
    assert two == synthesis.synthesize(many, names, processes=1)
    assert counts == sorted(counts)
    assert counts[-1] == len(names)


@pytest.mark.parametrize("count", [1, 2, 100, 301, 1000])
@pytest.mark.parametrize("processes", [1, 2, 3, 16])
def test_every_stack_is_in_one_group(count: int, processes: int) -> None:
    """None is lost, none is built twice, and no process takes more than its share."""
    names = [str(number) for number in range(count)]

    groups = list(workers._groups(names, processes))
    assert [name for group in groups for name in group] == names
    assert max(map(len, groups)) <= workers.STACKS_PER_PROCESS


def test_some_stacks_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--only`` writes what matches and leaves the others as they are, in the manifest too."""
    arguments = ["--config", str(EXAMPLE), "--out", str(tmp_path)]
    assert main.main(arguments) == 0
    account = tmp_path / "stacks/account-main/cdk.tf.json"
    service = tmp_path / "stacks/papyrus-production/cdk.tf.json"
    account_before, service_before = (path.read_text() + "\n" for path in (account, service))
    account.write_text(account_before)
    service.write_text(service_before)
    manifest = (tmp_path / "manifest.json").read_text()
    capsys.readouterr()

    assert main.main([*arguments, "--only", "papyrus-*"]) == 0
    assert capsys.readouterr().out.split()[0] == "papyrus-production"
    assert account.read_text() == account_before
    assert service.read_text() != service_before
    assert (tmp_path / "manifest.json").read_text() == manifest


def test_a_pattern_that_matches_nothing_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A typing error is no empty success."""
    arguments = ["--config", str(EXAMPLE), "--out", str(tmp_path / "out")]

    assert main.main([*arguments, "--only", "papirus-*"]) == 2
    assert capsys.readouterr().err == (
        "--only papirus-*: no such stack; there are account-main, papyrus-production\n"
    )
    assert not (tmp_path / "out").exists()


def test_progress_shows_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a log it would be noise."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, shown in (
        (io.StringIO(), ""),
        (Terminal(), "1 of 2 stacks\r2 of 2 stacks\r\033[K"),
    ):
        monkeypatch.setattr(sys, "stderr", stream)
        show = delivery._progress(2)
        show(1)
        show(2)
        assert stream.getvalue() == shown

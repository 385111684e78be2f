"""Two runs never write to one folder at the same time."""

import errno
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from keyless_ecs import output
from keyless_ecs.output import journal, lock
from tests.support.stacks import manifest, stack


def write(folder: Path, name: str) -> None:
    """Write the stack *name*, and nothing else."""
    output.compare(folder, stack(name), manifest(name)).apply()


def test_a_second_run_waits_and_then_gives_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says for whom it waits, and changes nothing."""
    monkeypatch.setattr(lock, "WAIT", 0.1)
    with journal.opened(tmp_path), pytest.raises(output.OutputFolderError) as refused:
        write(tmp_path, "a")
    assert str(refused.value).startswith(
        f"{tmp_path}: another run is writing here (process {os.getpid()} since "
    )
    assert capsys.readouterr().err.startswith(f"waiting for another run (process {os.getpid()} ")
    assert list(tmp_path.iterdir()) == []


def test_a_second_run_sees_what_the_first_one_wrote(tmp_path: Path) -> None:
    """It compared before: what it then writes is what is missing by now."""
    write(tmp_path, "a")
    second = output.compare(tmp_path, stack("b"), manifest("b"))
    with journal.opened(tmp_path):
        thread = threading.Thread(target=second.apply)
        thread.start()
        journal.change(tmp_path, stack("c"), ())
    thread.join()
    assert [path.name for path in (tmp_path / "stacks").iterdir()] == ["b"]
    assert [path.name for path in tmp_path.iterdir()].count(".keyless-ecs") == 0


def test_a_lock_goes_with_its_process(tmp_path: Path) -> None:
    """A file that a killed run left stops nobody."""
    kill = (
        "import os, sys; from pathlib import Path; from keyless_ecs.output import lock\n"
        "with lock.held(Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    file = tmp_path / journal.ASIDE / "lock"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run([sys.executable, "-c", kill, file], env=environment)
    assert file.exists()

    write(tmp_path, "a")
    assert not file.parent.exists()


def test_a_folder_that_goes_while_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run removes it between the attempt to make it and the look at what is in the way."""
    real, gone = os.mkdir, list[Path]()

    def mkdir(path: Path, *arguments: int) -> None:
        if path.name == journal.ASIDE.name and not gone:
            gone.append(path)
            raise FileExistsError(errno.EEXIST, "File exists", str(path))
        real(path, *arguments)

    monkeypatch.setattr(os, "mkdir", mkdir)

    write(tmp_path, "a")
    assert gone
    assert [path.name for path in (tmp_path / "stacks").iterdir()] == ["a"]


@pytest.mark.parametrize("stands", ["file", "dangling link"])
def test_what_stands_in_its_way_is_named(tmp_path: Path, stands: str) -> None:
    """It does not go by itself: nothing is waited for."""
    folder = tmp_path / "out"
    if stands == "file":
        folder.mkdir()
        (folder / journal.ASIDE).write_text("")
        named = folder / journal.ASIDE
    else:
        folder.symlink_to(tmp_path / "nowhere")
        named = folder

    with pytest.raises(output.OutputFolderError) as refused:
        write(folder, "a")
    assert str(refused.value) == f"{named}: cannot be written: File exists; nothing was changed"


def test_many_at_once(tmp_path: Path) -> None:
    """One after the other, in whatever order; the last one's folder is whole."""
    with ThreadPoolExecutor(8) as threads:
        for written in [threads.submit(write, tmp_path, f"s{number}") for number in range(8)]:
            written.result()
    ((name,), *_) = [[path.name for path in (tmp_path / "stacks").iterdir()]]
    assert not output.compare(tmp_path, stack(name), manifest(name))

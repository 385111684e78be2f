"""keyless-ecs: from delivery.yaml to Terraform JSON for keyless delivery to Amazon ECS.

Load the delivery file, synthesize its stacks, write them. See ``python main.py --help``.
"""

import argparse
import atexit
import fnmatch
import gc
import os
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if __name__ == "__main__":
    gc.disable()  # a run is over before there is anything to collect

# Its search for plugins reads the metadata of every package that is installed.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

# The package is what stands in modules/, here as in what a wheel installs.
sys.path.insert(0, str(Path(__file__).resolve().parent / "modules"))

try:
    from keyless_ecs.config import BadDeliveryFileError, DeliveryFile, load
except ModuleNotFoundError as error:
    print(
        f"{error.name} is not installed for {sys.executable}; "
        "run make synth once, then .venv/bin/python main.py",
        file=sys.stderr,
    )
    sys.exit(2)

if TYPE_CHECKING:
    from keyless_ecs.output import folder as output

DONE, DIFFERENT, BAD_INPUT = 0, 1, 2


def main(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit status.

    0: done. 1: ``check`` found a difference, ``trust`` a hole, or ``rehearse`` what does not work.
    2: the input is bad; every problem is on stderr and nothing was written.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.into and options.command != "atlantis":
        parser.error("--into goes with the command atlantis")
    if options.only and options.command == "atlantis":
        parser.error("atlantis lists every stack; leave out --only")
    try:
        file = load(options.config, warn=lambda line: print(line, file=sys.stderr))
    except BadDeliveryFileError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT

    if options.command == "trust":
        return _trust(file, options)
    if options.command == "rehearse":
        return _rehearse(file, options)
    if options.command == "atlantis":
        return _atlantis(file, options)

    # Only a good file is worth the half second that these take.
    from keyless_ecs.engine.bindings import BindingsError
    from keyless_ecs.engine.kernel import KernelError
    from keyless_ecs.output import folder as output
    from keyless_ecs.stacks import imports as adoption
    from keyless_ecs.stacks.crosschecks import CrossCheckError
    from keyless_ecs.synthesis import here as synthesis

    names = synthesis.stack_names(file)
    if options.only:
        names = synthesis.matching(names, options.only)
        if not names:
            known = ", ".join(synthesis.stack_names(file)[:10])
            print(f"--only {options.only}: no such stack; there are {known}", file=sys.stderr)
            return BAD_INPUT
    try:
        stacks = synthesis.synthesize(file, names, progress=_progress(len(names)))
        if options.command == "adopt":
            print(adoption.table((stack.name, stack.text) for stack in stacks), end="")
            return DONE
        change = output.compare(
            options.out,
            synthesis.files(file, stacks),
            synthesis.manifest(stacks),
            partial=bool(options.only),
            force=options.force,
        )
        if options.command == "check":
            return _check(change, options)
        stays = change.apply(move_state=options.move_state)
    except (
        BindingsError,
        KernelError,
        CrossCheckError,
        output.StateAtRiskError,
        output.OutputFolderError,
    ) as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    width = max(len(stack.name) for stack in stacks)
    for stack in stacks:
        counted = "1 resource" if stack.resources == 1 else f"{stack.resources} resources"
        print(f"{stack.name:{width}}  {counted:>13}  {options.out / stack.path}")
    for path in change.leaving:
        if path not in stays:
            print(f"removed {options.out / path}: it left {options.config}", file=sys.stderr)
    for line in stays.values():
        print(line, file=sys.stderr)
    for move in change.moves:
        folder = shlex.quote(str(options.out / move.stack))
        print(f"next: terraform -chdir={folder} init -migrate-state", file=sys.stderr)
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="main.py",
        description="Write Terraform JSON and workflows for keyless delivery to Amazon ECS.",
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=["synth", "check", "trust", "adopt", "rehearse", "atlantis"],
        default="synth",
        help="synth (the default) writes; check writes nothing and exits 1 with a diff where "
        "--out is not what the config yields; trust prints who gets into each deploy role and the "
        "tokens that were tried, and exits 1 where one fares otherwise than it should; adopt "
        "prints the import id of everything that the file describes, and what is imported; "
        "rehearse plays the delivery with real Terraform and a local AWS, writes a report, and "
        "exits 1 where a step fails; atlantis prints the projects for atlantis.yaml, or with "
        "--into merges them into one that is there",
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=Path("delivery.yaml"),
        metavar="FILE",
        help="the delivery file (default: delivery.yaml)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(os.environ.get("CDKTF_OUTDIR") or "generated"),
        metavar="DIR",
        help="where to write (default: $CDKTF_OUTDIR, else generated)",
    )
    parser.add_argument(
        "--only",
        metavar="GLOB",
        help="only the stacks whose names match; the others stay as they are",
    )
    parser.add_argument(
        "--mirror",
        type=Path,
        metavar="DIR",
        help="rehearse: a Terraform filesystem mirror with the AWS provider "
        "(default: the public registry, else the provider of a package)",
    )
    parser.add_argument(
        "--into",
        type=Path,
        metavar="FILE",
        help="atlantis: the atlantis.yaml that takes the projects; the rest of it stays",
    )
    parser.add_argument(
        "--force",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="overwrite this file, though it is not this program's; for each such file",
    )
    parser.add_argument(
        "--move-state",
        action="store_true",
        help="write even where a stack's state would be in another place than before",
    )
    return parser


def _trust(file: DeliveryFile, options: argparse.Namespace) -> int:
    from keyless_ecs.trust import report

    deliveries = list(file.deliveries())
    if options.only:
        deliveries = [d for d in deliveries if fnmatch.fnmatchcase(d.name, options.only)]
        if not deliveries:
            print(f"--only {options.only}: no such stack has a deploy role", file=sys.stderr)
            return BAD_INPUT
    text, as_expected = report.report(deliveries)
    print(text, end="")
    return DONE if as_expected else DIFFERENT


def _rehearse(file: DeliveryFile, options: argparse.Namespace) -> int:
    gc.enable()  # this one takes minutes
    try:
        from keyless_ecs.rehearsal import command
        from keyless_ecs.rehearsal.report import page
        from keyless_ecs.rehearsal.terraform.terraform import TerraformMissingError
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed; make rehearse installs it", file=sys.stderr)
        return BAD_INPUT
    from keyless_ecs.output.folder import OutputFolderError

    deliveries = command.selected(file, options.only)
    if not deliveries:
        print(f"--only {options.only}: no such stack delivers a service", file=sys.stderr)
        return BAD_INPUT
    try:
        record = command.rehearse(options.config, file, deliveries, mirror=options.mirror)
    except (TerraformMissingError, OutputFolderError) as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    print(f"{record.verdict}: {page.proven(record)}\nThe report: {page.REPORT / 'index.html'}")
    return DONE if record.verdict == "passed" else DIFFERENT


def _atlantis(file: DeliveryFile, options: argparse.Namespace) -> int:
    from keyless_ecs.atlantis import merge, projects
    from keyless_ecs.output import folder as output

    if options.into is None:
        print(projects.text(file), end="")
        return DONE
    try:
        merged = merge.merge(options.into, file)
        into = options.into.resolve()  # the file behind a link, which stays one
        output.Change(into.parent, {Path(into.name): merged.text} if merged else {}).apply()
    except (merge.BadAtlantisFileError, output.OutputFolderError) as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    for done in ("added", "changed", "removed"):
        for name in getattr(merged, done):
            print(f"{done:7}  {name}")
    if not merged:
        print(f"{options.into} has every project as it should be")
    for warning in merge.warnings(into, file):
        print(f"{options.into}: warning\n  {warning}", file=sys.stderr)
    return DONE


def _check(change: "output.Change", options: argparse.Namespace) -> int:
    if not change:
        return DONE
    print(f"{options.out} is not what {options.config} yields:", file=sys.stderr)
    for line in change.summary():
        print(f"  {line}", file=sys.stderr)
    for line in change.diff():
        print(line)
    sys.stdout.flush()  # a log shows both streams in the order in which they come
    for line in change.risks(move_state=False):
        print(line, file=sys.stderr)
    print(f"mend it with: {_mend(change, options)}", file=sys.stderr)
    return DIFFERENT


def _mend(change: "output.Change", options: argparse.Namespace) -> str:
    """Return the command line that writes what ``check`` found missing, fit for a shell."""
    program = [sys.orig_argv[0], sys.argv[0]] if sys.argv[0].endswith("main.py") else []
    command = [*(program or ["python", "main.py"]), "--config", options.config]
    command += ["--out", options.out]
    if options.only:
        command += ["--only", options.only]
    if change.moves:
        command.append("--move-state")
    return shlex.join(map(str, command))


def _progress(total: int) -> Callable[[int], None]:
    """Return what shows the progress of a long run on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty() or total < 2:
        return lambda _: None

    def show(done: int) -> None:
        end = "\r" if done < total else "\r\033[K"
        print(f"{done} of {total} stacks", end=end, file=sys.stderr, flush=True)

    return show


def _leave(status: int) -> NoReturn:
    """End the process without taking its thousands of classes apart, a tenth of the run."""
    atexit._run_exitfuncs()  # ends Node, which removes what it unpacked
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    # What stops a job of CI is cleared up after as Ctrl-C is.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _leave(main(sys.argv[1:]))
    except KeyboardInterrupt:
        # A Node that jsii started was reached as well: jsii finds nobody to say goodbye to.
        sys.unraisablehook = lambda _: None
        _leave(130)
    except BrokenPipeError:
        # Whoever read the output has seen enough, as in `main.py trust | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _leave(141)

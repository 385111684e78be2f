"""Plays the delivery file, and writes the report."""

import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from keyless_ecs.config import Delivery, DeliveryFile
from keyless_ecs.output import OutputFolderError
from keyless_ecs.rehearsal.github.plugin import VERSION
from keyless_ecs.rehearsal.play import Play
from keyless_ecs.rehearsal.report import diagram, page
from keyless_ecs.rehearsal.report.record import NotExercised, PlayedStack, Record
from keyless_ecs.rehearsal.report.recorder import Recorder
from keyless_ecs.rehearsal.terraform.terraform import Terraform


def rehearse(
    config: Path,
    file: DeliveryFile,
    deliveries: Sequence[Delivery],
    *,
    mirror: Path | None = None,
    report: Path = page.REPORT,
    show: Callable[[str], None] = print,
) -> Record:
    """Play *file*, and write what came of it to the folder *report*, also where it failed.

    Args:
        config: Where the delivery file stands.
        file: What it says.
        deliveries: The environments to play: all of some repositories.
        mirror: A Terraform filesystem mirror in which to look for the AWS provider.
        report: The folder for the page and its JSON.
        show: Gets a line for each step.

    Returns:
        What the rehearsal found. Its verdict is that of the steps.

    Raises:
        TerraformMissingError: There is no Terraform that can run the stacks; nothing was played.
        OutputFolderError: The report cannot be written; nothing was played.
    """
    terraform, started = Terraform.find(), datetime.now(UTC).replace(microsecond=0)
    _see_that_it_can_be_written(report)
    recorder = Recorder(show)
    play = Play(config, file, deliveries, terraform, recorder, mirror)
    try:
        play.run()
    except Exception as error:  # noqa: BLE001 - whatever it is, it stands in the report
        recorder.failed(error)
    record = _record(play, started)
    page.write(record, report)
    return record


def _see_that_it_can_be_written(report: Path) -> None:
    """Find out before a rehearsal of minutes, not behind it."""
    try:
        report.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=report).close()
        page.remove(report)
    except OSError as error:
        raise OutputFolderError(f"{report}: cannot be written: {error.strerror}") from None


def _record(play: Play, started: datetime) -> Record:
    aws = f"{play.providers.aws}" if play.providers else "none"
    places = play.places
    return Record(
        delivery_file=play.config.name,
        terraform=play.terraform.version,
        providers={"aws": aws, "github": f"stand-in for {VERSION}"},
        steps=play.recorder.steps,
        stacks=[
            PlayedStack(name, *places[name], diagram.resources(content))
            for name, content in play.contents.items()
        ],
        services=play.changes,
        claims=play.claims,
        permissions=play.permissions,
        not_exercised=[
            NotExercised(stack, difference.address, difference.what, difference.why)
            for stack, differences in play.differences.items()
            for difference in differences
        ],
        started=started,
    )

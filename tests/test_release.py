"""What is told of the versions of the program."""

from keyless_ecs.release import changed_since, writer

CHANGELOG = """\
# Changelog

## [0.3.0] - 2027-03-01

### Added

- A thing.

### In `generated/`

- A tag more on each role.

### Fixed

- A thing.

## [0.2.0] - 2027-02-01

### In `generated/`

- Log groups by another
  name: apply before you merge the workflows.

## [0.1.0] - 2027-01-01

### In `generated/`

- Everything.
"""


def test_what_came_since_a_version_is_the_newest_first() -> None:
    """Whoever leaves out a version has to know what it changed, too."""
    names = ["- Log groups by another", "  name: apply before you merge the workflows."]

    assert changed_since("0.1.0", CHANGELOG) == ["- A tag more on each role.", *names]
    assert changed_since("0.2.0", CHANGELOG) == ["- A tag more on each role."]
    assert changed_since("0.3.0", CHANGELOG) == []


def test_who_wrote_a_page_is_read_from_its_line() -> None:
    """A page of before, or of somebody else, does not say."""
    assert writer("# A\n\nWritten by keyless-ecs 0.2.0rc1.\n") == "0.2.0rc1"
    assert writer("# A\n") is None

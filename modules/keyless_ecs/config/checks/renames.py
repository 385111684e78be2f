"""Former keys: what is named after one keeps its name, so nothing else may have it."""

from collections.abc import Iterator, Mapping, Sequence

from keyless_ecs.config.checks.rule import Contradiction, Whole, known, of_file
from keyless_ecs.config.problems import Location
from keyless_ecs.config.shown import shown


@of_file
def former_keys(whole: Whole) -> Iterator[Contradiction]:
    """A former key is free again, but for the names that its successor keeps."""
    file = whole.file
    yield from _of_siblings(
        whole, ("accounts",), {k: it.was for k, it in known(file.accounts.items)}
    )
    yield from _of_siblings(
        whole, ("services",), {k: it.was for k, it in known(file.services.items)}
    )
    for key, service in file.services.items():
        here = ("services", key, "environments")
        entries = known(service.environments.items)
        yield from _of_siblings(whole, here, {k: it.was for k, it in entries})


def _of_siblings(
    whole: Whole, here: Location, former: Mapping[str, Sequence[str]]
) -> Iterator[Contradiction]:
    claimed: dict[str, str] = {}
    for key, names in former.items():
        for was in names:
            first = claimed.setdefault(was, key)
            if was in whole.keys(*here):
                mend = (
                    "leave it out" if was == key else "give that one another key, or leave it out"
                )
                yield (
                    (*here, key, "was"),
                    f"{shown(was)} stands in the file, and was names a key that is gone; {mend}",
                )
            elif first != key:
                yield (
                    (*here, key, "was"),
                    f"{shown(was)} was {first} already; keep it where the state is",
                )

"""The page of a rehearsal: what it says, and that whatever it says is text."""

import dataclasses
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest

from keyless_ecs.output import OutputFolderError
from keyless_ecs.rehearsal.report import page
from keyless_ecs.rehearsal.report.record import Claim, Record, Step
from tests.support.rehearsed import failed, hostile, sample


class Reader(HTMLParser):
    """What a browser makes of the page: its elements, and its text outside of the style sheets."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._pieces: list[str] = []
        self._in_style = False
        self.feed(text)
        self.text = " ".join(" ".join(self._pieces).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        """Note that what follows is text again."""
        self._in_style = False

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if not self._in_style:
            self._pieces.append(data)


def read(record: Record) -> Reader:
    """Return the page of a rehearsal as a browser reads it."""
    return Reader(page.html(record))


def test_the_verdict_comes_first() -> None:
    """With what was shown in one sentence, or with Terraform's own message."""
    assert (
        "delivery.yaml Rehearsal passed Terraform 1.11.4 applied 2 stacks with 36 resources; the "
        "service moved to another revision 3 times; 118 tokens fared as they should; 4 plans "
        "found nothing to change. Terraform 1.11.4 Provider aws 3.39.0 Provider github "
        "stand-in for 6.9.0 Duration 1 min 22 s Started 2026-11-23 04:18 UTC"
    ) in read(sample()).text
    assert (
        "Rehearsal failed “Apply” of papyrus-production failed; 8 steps before it passed, 11 "
        "steps could not be tried. Apply papyrus-production Error: creating ECS Service"
    ) in read(failed()).text


def test_all_that_was_found_is_on_it() -> None:
    """Every step, image, token, permission and omission."""
    whole, text = page.html(sample()), read(sample()).text

    for step in sample().steps:
        assert step.name in text
        assert step.detail in text
    for change in sample().services:
        for revision in (change.before, change.after):
            assert revision.task_definition in text
            assert re.split("[@:]", revision.image)[-1] in text
    for claim in sample().claims:
        assert f"{claim.token} {claim.subject}" in text
    for permission in sample().permissions:
        assert f"{permission.sid} {permission.resource}" in text
        assert f"{permission.action} {permission.uses or 'not used'}" in text
    for part in sample().not_exercised:
        assert f"{part.address} {part.what}".strip() in text
        assert part.why in text
    for stack in sample().stacks:
        for resource in stack.resources:
            assert resource.address in whole


def test_a_token_that_fares_otherwise_is_said_first() -> None:
    """In words, and not behind the others."""
    text = read(failed()).text

    assert "8 tokens: 5 let in, 3 refused; 1 not as expected ." in text
    first = text.partition("Token and subject Answer ")[2]
    assert first.startswith("a pull request from a fork repo:Nickelth/Papyrus:pull_request")
    assert "✕ let in, should be refused by the policy" in first[:150]


def test_many_refusals_are_folded_and_no_failure_is() -> None:
    """Who got in is seen at once; so is who was refused and should not have been."""
    lost = dataclasses.replace(sample().claims[0], admitted=False)
    unfolded, _, folded = page.html(
        dataclasses.replace(sample(), claims=[*sample().claims, lost])
    ).partition("<details>")

    assert "108 more that were refused, as expected" in folded
    assert "refused, should be let in" in unfolded
    assert "let in" not in folded.partition("</details>")[0]


def test_a_sentence_does_not_hide_a_token_that_got_in() -> None:
    """Nor does it speak of what did not take place."""
    wrong = Claim("r", "t", "s", expected=False, admitted=True, by="policy")
    record = dataclasses.replace(sample(), claims=[wrong], services=[], steps=[])

    assert page.proven(record) == (
        "Terraform 1.11.4 applied 2 stacks with 36 resources; only 0 of 1 token fared as they "
        "should."
    )


def test_an_empty_record_has_every_section() -> None:
    """A rehearsal that ended early has a page too, and claims nothing."""
    text = read(Record("delivery.yaml", "1.11.4", {}, [], [], [], [], [], [])).text

    for words in (
        "Stacks No stack was reached.",
        "Timeline 0 steps",
        "Service It came to run nothing else.",
        "Tokens None was tried.",
        "Permissions No call was checked.",
        "Not exercised Nothing was left out or replaced.",
    ):
        assert words in text


def test_whatever_stands_in_the_record_is_text() -> None:
    """No text of a record becomes an element, an attribute or a change of direction."""
    expected = {(tag, name) for tag, attrs in read(sample()).elements for name in attrs}
    expected |= {(tag, name) for tag, attrs in read(failed()).elements for name in attrs}
    shown = read(hostile())

    assert {(tag, name) for tag, attrs in shown.elements for name in attrs} <= expected
    assert {tag for tag, _ in shown.elements}.isdisjoint({"script", "img", "iframe", "object"})
    assert shown.text.count("<script>alert('1')</script>\"><img src=x onerror=alert(2)>W") > 40
    assert not set(page.html(hostile())) & {"\x1b", "\u202e"}


def test_it_asks_for_nothing() -> None:
    """No script, no address but the namespace of SVG, and a policy that would stop any request."""
    for record in (sample(), failed()):
        elements = read(record).elements
        (policy,) = (a["content"] for _, a in elements if "http-equiv" in a)
        assert policy
        assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:; ")
        linked = [a.get("href") or a.get("src") or "" for _, a in elements]
        assert {link[:5] for link in linked if not link.startswith("#")} <= {"", "data:"}
        assert not {a.get("xmlns") for _, a in elements} - {None, "http://www.w3.org/2000/svg"}
        assert "url(" not in page.html(record)


def test_it_can_be_read_aloud() -> None:
    """Headings in order, headers for every table, a name for every picture."""
    elements = read(sample()).elements
    levels = [int(tag[1]) for tag, _ in elements if re.fullmatch("h[1-6]", tag)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for tag, attributes in elements:
        if tag == "th":
            assert attributes.get("scope") in ("col", "rowgroup")
        if tag == "svg":
            assert "aria-label" in attributes or attributes.get("aria-hidden") == "true"
        if tag == "section":
            assert ("h2", {"id": attributes["aria-labelledby"]}) in elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.7, "1 min 0 s"),
     (61, "1 min 1 s"), (3600, "60 min 0 s")],
)  # fmt: skip
def test_times_are_said_as_people_say_them(seconds: float, text: str) -> None:
    """Nobody reads 81.5 seconds, or 60 seconds of a minute."""
    assert page.duration(seconds) == text


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("a.io/b@sha256:1", ("a.io/b", "@sha256:1")),
        ("a.io:5000/b", ("a.io:5000/b", "")),
        ("a.io:5000/b:1", ("a.io:5000/b", ":1")),
        ("b:1@sha256:2", ("b:1", "@sha256:2")),
        ("b", ("b", "")),
    ],
)
def test_an_images_digest_stands_apart(image: str, parts: tuple[str, str]) -> None:
    """It is what a reader compares. A port is no tag."""
    assert page._image(image) == parts


def test_both_files_are_written(tmp_path: Path) -> None:
    """The page, and the record that it shows."""
    page.write(sample(), tmp_path / "new/report")
    page.write(failed(), tmp_path / "new/report")

    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "index.html",
        "report.json",
    ]
    assert (tmp_path / "new/report/index.html").read_text() == page.html(failed())
    assert Record.from_json((tmp_path / "new/report/report.json").read_text()) == failed()


def test_a_folder_that_cannot_be_written_keeps_the_last_report(tmp_path: Path) -> None:
    """Both files or neither."""
    page.write(sample(), tmp_path)
    (tmp_path / "report.json").unlink()
    (tmp_path / "report.json").mkdir()

    with pytest.raises(OutputFolderError, match="cannot be written"):
        page.write(failed(), tmp_path)
    assert (tmp_path / "index.html").read_text() == page.html(sample())


@pytest.mark.parametrize(("outcome", "opened"), [("passed", False), ("failed", True)])
def test_the_steps_of_a_job_are_folded_unless_one_failed(
    outcome: Literal["passed", "failed"], opened: bool
) -> None:
    """A push alone is sixteen of them, three or four times over."""
    steps = [
        Step("Apply", "web", 1.0, "passed", ""),
        Step("Push (web): Check out", "web", 1.0, "passed", ""),
        Step("Push (web): Build and push", "web", 2.0, outcome, "told"),
        Step("Plan again", "web", 1.0, "passed", ""),
    ]
    timeline = page.html(dataclasses.replace(sample(), steps=steps, claims=[]))
    timeline = timeline.partition('id="timeline"')[2].partition("</section>")[0]
    job = re.findall(r"<details( open)?>(.*?)</details>", timeline, re.DOTALL)

    assert [bool(is_open) for is_open, _ in job] == [opened]
    (texts,) = (re.findall('class="name[^>]*>(.*?)<', inside) for _, inside in job)
    assert texts == ["Push (web)", "Check out", "Build and push"]
    assert "4 steps" in timeline

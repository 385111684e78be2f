"""The page of a rehearsal in a real browser, on a phone and on a screen, in light and dark."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.rehearsal.report import page
from tests.support import browser, rehearsed
from tests.support.browser import Browser

EXECUTABLE = browser.installed()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not EXECUTABLE, reason="no Chromium on PATH: install the package chromium"),
]
RECORDS = {
    "passed": rehearsed.sample,
    "failed": rehearsed.failed,
    "hostile": rehearsed.hostile,
}
PHONE, SCREEN = 360, 1280

CONTRAST = """
(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const channels = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = rgb => rgb.slice(0, 3).map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const svg = e.closest('svg.picture') && getComputedStyle(e.closest('svg')
        .querySelector(element.matches('.title') ? '.part' : '.box')).fill;
      if (svg && !element.matches('.label')) return channels(svg);
      const colour = channels(getComputedStyle(e).backgroundColor);
      if (colour[3]) return colour;
    }
    return [255, 255, 255];
  };
  let least = 21;
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || !e.checkVisibility() || e.matches('style, title')) continue;
    const style = getComputedStyle(e);
    const colour = e.namespaceURI.endsWith('svg') ? style.fill : style.color;
    const [one, other] = [light(channels(colour)), light(behind(e))].sort((a, b) => b - a);
    least = Math.min(least, (one + 0.05) / (other + 0.05));
  }
  return least;
})()
"""
"""The least contrast of any text that is shown, by https://www.w3.org/TR/WCAG22/#contrast-minimum"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a browser that all tests share."""
    assert EXECUTABLE
    with browser.running(EXECUTABLE) as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the pages of the three rehearsals."""
    folder = tmp_path_factory.mktemp("reports")
    for name, record in RECORDS.items():
        page.write(record(), folder / name)
    return {name: folder / name / "index.html" for name in RECORDS}


def events(chromium: Browser, *methods: str) -> list[dict[str, Any]]:
    """Return what the browser told of the page that it shows."""
    return [event["params"] for event in chromium.events if event.get("method") in methods]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, SCREEN])
@pytest.mark.parametrize("name", RECORDS)
def test_it_is_shown_without_a_request_or_complaint(
    chromium: Browser, pages: dict[str, Path], name: str, width: int, dark: bool
) -> None:
    """Nothing is fetched, nothing runs, nothing is wider than the window."""
    chromium.show(pages[name], width=width, dark=dark)

    requests = events(chromium, "Network.requestWillBeSent")
    assert [asked["request"]["url"] for asked in requests] == [pages[name].as_uri()]
    assert not events(
        chromium,
        "Log.entryAdded",
        "Runtime.consoleAPICalled",
        "Runtime.exceptionThrown",
        "Page.javascriptDialogOpening",
    )
    assert chromium.evaluate("document.documentElement.scrollWidth") == width
    sticking_out = f"[...document.body.getElementsByTagName('*')].filter(e => e.checkVisibility() \
        && e.getBoundingClientRect().right > {width}).map(e => e.outerHTML.slice(0, 80))"
    assert chromium.evaluate(sticking_out) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["passed", "failed"])
def test_it_can_be_read_in_light_and_dark(
    chromium: Browser, pages: dict[str, Path], name: str, dark: bool
) -> None:
    """Every text has the contrast that WCAG asks for, and dark is dark."""
    chromium.show(pages[name], width=SCREEN, dark=dark)
    chromium.evaluate("for (const e of document.querySelectorAll('details')) e.open = true")

    paper = chromium.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(20, 23, 26)" if dark else "rgb(255, 255, 255)")
    assert chromium.evaluate(CONTRAST) >= 4.5


def test_every_section_is_there(chromium: Browser, pages: dict[str, Path]) -> None:
    """The links at the top lead to all of them, and each has a height."""
    chromium.show(pages["passed"], width=PHONE)

    linked = "[...document.querySelectorAll('nav a')].map(a => a.hash.slice(1))"
    sections = "[...document.querySelectorAll('section')].filter(s => s.offsetHeight > 100)"
    assert chromium.evaluate(linked) == chromium.evaluate(f"{sections}.map(s => s.id)")
    assert chromium.evaluate(f"{sections}.length") == 6


@pytest.mark.parametrize(("width", "shown"), [(PHONE, "narrow"), (SCREEN, "wide")])
def test_each_width_has_its_picture(
    chromium: Browser, pages: dict[str, Path], width: int, shown: str
) -> None:
    """One picture of each stack is shown, at a size at which its names can be read."""
    chromium.show(pages["passed"], width=width)

    visible = "[...document.querySelectorAll('svg.picture')].filter(p => p.checkVisibility())"
    assert chromium.evaluate(f"{visible}.map(p => p.parentElement.className)") == [shown, shown]
    scales = f"{visible}.map(p => p.getBoundingClientRect().width / p.viewBox.baseVal.width)"
    assert min(chromium.evaluate(scales)) > 0.85


def test_a_long_name_stays_in_its_box(chromium: Browser, pages: dict[str, Path]) -> None:
    """The width of letters that the picture reckons with is not too small."""
    chromium.show(pages["passed"], width=SCREEN)

    widths = """[...document.querySelectorAll('.wide .name, .wide .kind')].map(text => {
        const box = [...text.closest('svg').querySelectorAll('.box')].map(b => b.getBBox());
        const {x, y, width} = text.getBBox();
        const own = box.find(b => b.x <= x && x < b.x + b.width && b.y <= y && y < b.y + b.height);
        return own.x + own.width - x - width;
    })"""
    assert min(chromium.evaluate(widths)) >= 0


def test_what_is_hostile_is_text(chromium: Browser, pages: dict[str, Path]) -> None:
    """It is seen, and is nothing else."""
    chromium.show(pages["hostile"], width=PHONE)

    assert chromium.evaluate("document.querySelectorAll('script, img, [onerror]').length") == 0
    seen = chromium.evaluate("document.body.innerText")
    assert seen.count("<script>alert('1')</script>\"><img src=x onerror=alert(2)>WWW") > 20


def test_print_is_light_and_shows_what_is_folded(chromium: Browser, pages: dict[str, Path]) -> None:
    """On paper nobody opens anything."""
    chromium.show(pages["passed"], width=680, dark=True, medium="print")

    assert chromium.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    assert chromium.evaluate("document.querySelector('details').open") is False
    assert chromium.evaluate("document.querySelector('details table').checkVisibility()")

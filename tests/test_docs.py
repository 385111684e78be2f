"""The documents say what is true."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from ruamel.yaml import YAML

from modules.config import load
from modules.config.file import DeliveryFile
from modules.config.model import Model
from tests.conftest import ROOT

REFERENCE = (ROOT / "docs/delivery-file.md").read_text()
README = (ROOT / "README.md").read_text()


def parts(model: type[Model]) -> set[type[Model]]:
    """Return *model* and every part of the delivery file below it."""
    found = {model}
    for field in model.model_fields.values():
        queue: list[Any] = [field.annotation]
        while queue:
            annotation = queue.pop()
            queue += get_args(annotation)
            if isinstance(annotation, type) and issubclass(annotation, Model):
                found |= parts(annotation)
    return found


@pytest.mark.parametrize("part", sorted(parts(DeliveryFile), key=str))
def test_every_setting_is_documented(part: type[Model]) -> None:
    """A setting that the reference does not name does not exist for its reader."""
    for name, field in part.model_fields.items():
        assert re.search(rf"\b{field.alias or name}\b", REFERENCE), f"{part.__name__}.{name}"


def test_every_documented_setting_exists() -> None:
    """Nothing is promised that the file would refuse."""
    known = {
        field.alias or name
        for part in parts(DeliveryFile)
        for name, field in part.model_fields.items()
    }
    for row in re.findall(r"^\| (`[^|]+`) \|", REFERENCE, re.MULTILINE):
        for key in re.findall(r"`([\w.]+)`", row):
            assert set(key.split(".")) <= known, key


def test_the_readme_shows_the_shipped_file() -> None:
    """What a newcomer reads is what the first run takes."""
    shown = re.findall(r"```yaml\n(version: 1.*?)```", README, re.DOTALL)

    assert [YAML(typ="safe").load(text) for text in shown] == [
        YAML(typ="safe").load(ROOT / "delivery.yaml")
    ]


PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file of the repository."""
    for target in re.findall(r"\]\((?!http)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_whole_delivery_files_of_the_documents_are_accepted(page: Path, tmp_path: Path) -> None:
    """What a reader copies works."""
    for text in re.findall(r"```yaml\n(version: 1.*?)```", page.read_text(), re.DOTALL):
        path = tmp_path / "delivery.yaml"
        path.write_text(text)
        assert load(path)

"""The version of this program."""

from pathlib import Path


def version() -> str:
    """Return what ``pyproject.toml`` says: of this checkout, else of the package installed."""
    project = Path(__file__).parents[3] / "pyproject.toml"
    if project.is_file():
        import tomllib

        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    from importlib import metadata

    return metadata.version("keyless-ecs")

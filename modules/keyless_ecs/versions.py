"""The versions of Terraform's providers that the bindings of each engine were generated from."""

from collections.abc import Mapping

VERSIONS: Mapping[str, Mapping[str, str]] = {
    "cdktf": {"aws": "6.25.0", "github": "6.9.0"},
    "cdktn": {"aws": "6.69.1", "github": "6.13.0"},
}
"""By core library, the preferred one first."""

_MENDED = {
    # It panics where a look-up fails, so that a mistyped name ends in a Go trace.
    # https://github.com/integrations/terraform-provider-github/pull/2992
    ("github", "6.9.0"): "6.9.1",
}
"""Releases that no stack takes, each with the patch that it takes instead."""

OLDEST: Mapping[str, Mapping[str, str]] = {
    core: {name: _MENDED.get((name, version), version) for name, version in versions.items()}
    for core, versions in VERSIONS.items()
}
"""The oldest that a stack takes: what the generated JSON is written for."""

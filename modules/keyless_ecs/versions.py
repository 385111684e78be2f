"""The versions of Terraform's providers that the bindings of each engine were generated from."""

from collections.abc import Mapping

VERSIONS: Mapping[str, Mapping[str, str]] = {
    "cdktf": {"aws": "6.25.0", "github": "6.9.0"},
    "cdktn": {"aws": "6.69.1", "github": "6.13.0"},
}
"""By core library, the preferred one first. It is what the generated JSON is written for."""

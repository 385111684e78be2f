"""Text and data as Terraform reads them."""

import re
from collections.abc import Container
from hashlib import sha256
from typing import Any

from cdktf import (
    Fn,
    TerraformDataSource,
    TerraformElement,
    TerraformLocal,
    TerraformStack,
    TerraformVariable,
)
from constructs import Construct


def literal(text: str) -> str:
    """Return *text* such that Terraform takes it as it stands.

    Terraform interpolates ``${…}`` and ``%{…}`` in every string of its JSON.
    https://developer.hashicorp.com/terraform/language/syntax/json#string-expressions
    """
    return text.replace("${", "$${").replace("%{", "%%{")


def address_part(text: str, taken: Container[str] = ()) -> str:
    """Return *text* spelled as part of a Terraform address, so that a reviewer can say it.

    ``v*.*`` becomes ``v_star_dot_star``. No two texts get one spelling: one that reads like
    another's (``a_dot_b``, beside ``a.b``), that holds a letter without a word here, or that is
    *taken* ends with a digest of the text. The part of a text never depends on the texts beside it.

    https://developer.hashicorp.com/terraform/language/syntax/configuration#identifiers
    """
    runs = re.findall(r"[A-Za-z0-9_-]+|[^A-Za-z0-9_-]", text)
    spelled = "_".join(_WORDS.get(run, run) for run in runs if run in _WORDS or _LEGAL.match(run))
    mistakable = (
        not all(run in _WORDS or _LEGAL.match(run) for run in runs)
        or any(part in _WORDS.values() for run in runs for part in run.split("_"))
        or _DIGEST.search(spelled)
        or spelled in taken
    )
    return f"{spelled}__{sha256(text.encode()).hexdigest()[:6]}" if mistakable else spelled


_WORDS = {"*": "star", ".": "dot", "/": "slash", "#": "hash", "@": "at", ":": "colon"}
_LEGAL = re.compile(r"[A-Za-z0-9_-]")
_DIGEST = re.compile(r"__[0-9a-f]{6}$")


def address_of(element: TerraformElement) -> str:
    """Return the address of a resource or data source, to stand in an expression."""
    is_data = isinstance(element, TerraformDataSource)
    type_ = element.terraform_resource_type  # type: ignore[attr-defined]
    return f"{'data.' if is_data else ''}{type_}.{element.friendly_unique_id}"


def json_local(scope: Construct, id_: str, value: Any) -> str:
    """Return *value* encoded as JSON, with the value itself standing as a local.

    So policies and container definitions are data in the generated file, which a reviewer reads
    and compares line by line, and not one long string inside a resource.
    """
    return Fn.jsonencode(TerraformLocal(scope, id_, value).expression)


def secret_variable(scope: Construct, secret: str) -> str:
    """Declare the variable that carries a secret's value, which nothing writes down; return it."""
    variable = TerraformVariable(
        TerraformStack.of(scope),
        f"secret_{secret}",
        type="string",
        sensitive=True,
        nullable=False,
        description=f"Value of the GitHub secret {secret}: set TF_VAR_secret_{secret}",
    )
    return str(variable.string_value)

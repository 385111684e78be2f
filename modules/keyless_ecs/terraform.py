"""Text and data as Terraform reads them."""

from typing import Any

from cdktf import Fn, TerraformLocal, TerraformStack, TerraformVariable
from constructs import Construct


def literal(text: str) -> str:
    """Return *text* such that Terraform takes it as it stands.

    Terraform interpolates ``${…}`` and ``%{…}`` in every string of its JSON.
    https://developer.hashicorp.com/terraform/language/syntax/json#string-expressions
    """
    return text.replace("${", "$${").replace("%{", "%%{")


def address_part(text: str) -> str:
    """Return *text* spelled as part of a Terraform address, so that a reviewer can say it.

    ``v*.*`` becomes ``v_star_dot_star``.
    """
    words = {"*": "star", ".": "dot", "/": "slash", "#": "hash", "@": "at", ":": "colon"}
    words_apart = "".join(f"_{words[letter]}_" if letter in words else letter for letter in text)
    return "_".join(part for part in words_apart.split("_") if part)


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

"""What an environment takes under Terraform's state that was made before, by hand."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidatorFunctionWrapHandler, WrapValidator

from keyless_ecs.config.adoptable import ADOPTABLE
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import EachOnce, did_you_mean

ALL = "all"
VARIABLE = "vars."
"""Before the name of a GitHub variable, as GitHub's own expressions spell it."""

KINDS = tuple(kind for kind, thing in ADOPTABLE.items() if thing.of_article)
"""What ``all`` stands for, beside the article's variables."""

_KEPT = rf"{re.escape(VARIABLE)}[A-Z_][A-Z0-9_]*"


def _adoptable(value: str) -> str:
    if value in ADOPTABLE:
        return value
    if value == ALL:
        raise ValueError(f"{ALL} stands alone; write adopt: {ALL}, or name each thing")
    if value.lower().startswith(VARIABLE):
        upper = VARIABLE + value[len(VARIABLE) :].upper()
        if not re.fullmatch(_KEPT, value):
            mend = upper if re.fullmatch(_KEPT, upper) else f"{VARIABLE}AWS_REGION"
            raise ValueError(
                f"{shown(value)} is not a variable as GitHub keeps it; use upper case: {mend}"
            )
        return value
    if value == "oidc_provider":
        raise ValueError(
            f"{shown(value)} is the account's; write oidc_provider: adopt under accounts"
        )
    raise ValueError(
        f"{shown(value)} is nothing that can be adopted; "
        f"{did_you_mean(value, [*ADOPTABLE, f'{VARIABLE}<NAME>'])}"
    )


def _all_or_listed(value: object, listed: ValidatorFunctionWrapHandler) -> object:
    return (ALL,) if value == ALL else listed(value)


_Listed = tuple[
    Annotated[
        str,
        AfterValidator(_adoptable),
        Field(json_schema_extra={"anyOf": [{"enum": list(ADOPTABLE)}, {"pattern": f"^{_KEPT}$"}]}),
    ],
    ...,
]
Adopt = Annotated[
    _Listed,
    EachOnce,
    WrapValidator(_all_or_listed, json_schema_input_type=Literal["all"] | _Listed),
]
"""Names from :data:`ADOPTABLE` and ``vars.<NAME>``, or ``all`` alone."""

"""The machines that jobs run on."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from keyless_ecs.config.model import Model
from keyless_ecs.config.text import EachOnce, Text, matching

_LABEL = matching(
    r"[^\x00-\x20\x7f${},'\"][^\x00-\x1f\x7f${},'\"]{0,254}",
    "is not the label of a runner; use it as the runner's page shows it, without quotes, commas, "
    "braces and $",
)
Label = Annotated[Text, _LABEL]


class Runner(Model):
    """The labels that a runner has, all of them, or the group that it is in.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idruns-on
    """

    labels: Annotated[tuple[Label, ...], EachOnce] = ()
    """Labels, all of which the runner has.

    Example: [self-hosted, linux]
    """
    group: Label | None = None
    """The group of runners of which one is taken.

    Example: deployers
    """

    @model_validator(mode="after")
    def _something(self) -> "Runner":
        if not self.labels and self.group is None:
            raise ValueError("names no runner; give it a label: [self-hosted]")
        return self

    @property
    def written(self) -> Any:
        """What stands in ``runs-on``."""
        labels: Any = self.labels[0] if len(self.labels) == 1 else list(self.labels)
        if self.group is None:
            return labels
        return {"group": self.group, **({"labels": labels} if self.labels else {})}


def _labels(value: Any) -> Any:
    if isinstance(value, str | int | float):
        return {"labels": (value,)}
    return {"labels": value} if isinstance(value, list | tuple) else value


RunsOn = Annotated[
    Runner,
    BeforeValidator(
        _labels, json_schema_input_type=Annotated[str, Field(min_length=1)] | list[str] | Runner
    ),
]
"""A label, a list of labels, or ``{group: …, labels: …}``."""

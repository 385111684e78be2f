"""Tags, as the finished set that a resource gets: the account's, the service's and the built-in.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules
"""

from collections.abc import Iterator, Mapping

from keyless_ecs.config.account import TagKeys
from keyless_ecs.config.shown import as_name, shown
from keyless_ecs.stacks.limits.finished import Finished
from keyless_ecs.stacks.limits.unfit import Unfit

MOST = 50
"""https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""
ADDED_LATER = {"aws_ecs_task_definition": 4}
"""Tags that the pipeline puts on what it registers, beside those of the template."""


def unfit_tags(stack: Finished, built_in: TagKeys) -> Iterator[Unfit]:
    """Yield where the tags of a resource are too many, or two of their keys are one to IAM.

    What all resources share is told once.
    """
    told: set[str] = set()
    for address, arguments in stack.resources():
        if not address.startswith("aws_"):
            continue
        tags = {**stack.default_tags, **(arguments.get("tags") or {})}
        for unfit in _unfit(tags, built_in, of=address.partition(".")[0]):
            if unfit.message not in told:
                told.add(unfit.message)
                yield unfit


def _unfit(tags: Mapping[str, str], built_in: TagKeys, *, of: str) -> Iterator[Unfit]:
    added = ADDED_LATER.get(of, 0)
    if len(tags) > MOST - added:
        more = f" and the pipeline adds {added}" if added else ""
        yield Unfit(
            f"{len(tags)} tags, built-in ones too{more}, and AWS takes {MOST}; leave some out"
        )
    if not of.startswith("aws_iam_"):
        return
    seen: dict[str, str] = {}
    settings = {key: setting for setting, key in built_in}
    # Built-in ones first, whatever the order of the JSON.
    for key in sorted(tags, key=lambda key: key not in settings):
        first = seen.setdefault(key.lower(), key)
        if first == key:
            continue
        mend = "leave one of them out"
        if setting := settings.get(first):
            mend = (
                "leave yours out and give the built-in tag its key, with "
                f"accounts.<account>.tag_keys: {{{setting}: {as_name(key)}}}, or leave that one "
                f"out with {{{setting}: none}}"
            )
        yield Unfit(
            f"{shown(first)} and {shown(key)} are one key to IAM, which folds their case; {mend}",
            [key, first],
        )

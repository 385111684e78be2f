"""What Terraform imports must be owned here, and its id must be known before the plan."""

from collections.abc import Iterator

from keyless_ecs.config.adopt import ALL, VARIABLE
from keyless_ecs.config.adoptable import ADOPTABLE
from keyless_ecs.config.checks.rule import Contradiction, at, of_delivery, warning
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import did_you_mean


@of_delivery
def adopted(delivery: Delivery) -> Iterator[Contradiction]:
    """What is adopted is this environment's own, and has an id that is known."""
    settings = delivery.environment.github
    secrets = {name.upper() for name in (*settings.as_secrets, *settings.secrets)}
    listed = delivery.environment.adopt != (ALL,)
    for position, thing in enumerate(delivery.adopted):
        here = at(delivery, "adopt", position) if listed else at(delivery, "adopt")
        variable = thing.removeprefix(VARIABLE) if thing.startswith(VARIABLE) else None
        if why := delivery.not_owned.get(thing):
            yield here, f"{shown(thing)}: {why}"
        elif variable in secrets:
            yield (
                here,
                f"{variable} is a secret, and GitHub gives no secret's value back; leave it out, "
                "the apply writes its value again",
            )
        elif variable and variable not in delivery.variables:
            mend = did_you_mean(variable, delivery.variables)
            yield here, f"this environment sets no variable {variable}; {mend}"
        elif (
            (variable or thing == "github_environment")
            and not delivery.by_ref
            and ":" in delivery.github_environment
        ):
            # https://github.com/integrations/terraform-provider-github/pull/3079
            yield (
                here,
                f"the id of {thing} cannot be known: versions of the GitHub provider spell the "
                f"colon in {shown(delivery.github_environment)} differently; leave it out",
            )


@warning
def past_of_what_is_adopted(delivery: Delivery) -> Iterator[Contradiction]:
    """Terraform does not see what an adopted thing brings along."""
    for thing in delivery.adopted:
        # A variable has no past.
        if thing in ADOPTABLE and (note := ADOPTABLE[thing].note(delivery)):
            yield at(delivery, "adopt"), f"{thing}: {note}"

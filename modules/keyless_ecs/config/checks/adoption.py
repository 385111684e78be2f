"""What Terraform imports must be owned here, and its id must be known before the plan."""

from collections.abc import Iterator

from keyless_ecs.config.adopt import ALL, VARIABLE
from keyless_ecs.config.adoptable import ADOPTABLE
from keyless_ecs.config.checks.rule import Contradiction, at, demand, of_delivery, warning
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


@demand
def said_of_an_adopted_service(delivery: Delivery) -> Iterator[Contradiction]:
    """The first apply sets what is said, and the defaults of what is not.

    Six tasks in subnets of their own would become one in the default VPC:
    https://github.com/hashicorp/terraform-provider-aws/issues/335
    """
    if "service" not in delivery.adopted:
        return
    task, levels = delivery.task, [level for _, level in delivery.levels]
    resets = {
        ("count",): f"count (to {delivery.environment.count})",
        ("network",): "network (to the default VPC, with a security group of its own)",
        ("task", "cpu"): f"task.cpu (to {task.cpu})",
        ("task", "memory"): f"task.memory (to {task.memory})",
    }
    if delivery.environment.autoscaling:
        del resets["count",]  # the count is not Terraform's
    unsaid = [what for keys, what in resets.items() if not any(it.says(*keys) for it in levels)]
    if unsaid:
        yield (
            at(delivery, "adopt"),
            f"a service is adopted, and would be reset in what is not said: {', '.join(unsaid)}; "
            "say each: the commands that python main.py adopt prints show what there is, and "
            "python main.py adopt --from FILE the lines that keep it",
        )


@warning
def past_of_what_is_adopted(delivery: Delivery) -> Iterator[Contradiction]:
    """Terraform does not see what an adopted thing brings along."""
    for thing in delivery.adopted:
        # A variable has no past.
        if thing in ADOPTABLE and (note := ADOPTABLE[thing].note(delivery)):
            yield at(delivery, "adopt"), f"{thing}: {note}"

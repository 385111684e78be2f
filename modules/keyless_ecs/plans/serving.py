"""Stops of a service that is reached: values that no replacement shows, and that interrupt it."""

import re
from collections.abc import Iterator
from typing import Any

from keyless_ecs.plans.content import Content, StackJson, argument, lifecycle
from keyless_ecs.plans.stop import Stop

SERVICE = "aws_ecs_service.service"
_SCALING = "aws_appautoscaling_target.autoscaling"


def port(stack: str, old: StackJson, new: StackJson) -> Iterator[Stop]:
    """ECS takes a port that the running revision maps, and that revision is the pipeline's.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
    """
    was, now = (argument(_service(it), "load_balancer.container_port") for it in (old, new))
    if was and now and was != now:
        yield Stop(
            stack,
            SERVICE,
            f"container.port changes from {was} to {now} behind a load balancer",
            f"let only port {now} in at once, while the tasks that run listen on {was}; and ECS "
            "refuses the service, whose revision does not map the new port",
            f"serve both ports first: deploy an image that listens on {was} and {now}, take the "
            "domain out and in again in a quiet hour, or build the new beside it",
        )


def first_port(stack: str, old: StackJson, new: StackJson) -> Iterator[Stop]:
    """The same, of a service that had no load balancer: its revision must map the port already."""
    was, now = (argument(_service(it), "load_balancer.container_port") for it in (old, new))
    if was is None and now and SERVICE in old.resources and now not in _mapped(old):
        yield Stop(
            stack,
            SERVICE,
            f"a domain comes together with container.port {now}",
            f"stop halfway: ECS refuses a load balancer, as no running task maps port {now}",
            "take the domain out once more, apply the port and deploy; then add the domain",
        )


def back_to_rolling(stack: str, old: StackJson, new: StackJson) -> Iterator[Stop]:
    """A rolling deployment replaces the tasks of blue, and after a shift green may serve.

    The plan knows: a precondition of the service refuses it while green has weight. A plan without
    refresh does not see it.
    """
    was, now = (argument(_service(it), "deployment_configuration.strategy") for it in (old, new))
    served = argument(_service(new), "load_balancer.container_port")
    if was not in (None, "ROLLING") and now == "ROLLING" and served:
        yield Stop(
            stack,
            SERVICE,
            f"deployment changes from {str(was).lower()} to rolling",
            "take the service from those who use it, if the green target group serves at that "
            "time: new tasks would get no traffic, and the old ones stop",
            "look which serves: aws elbv2 describe-rules --listener-arns …; where that is green, "
            "deploy once more, which swings back to blue, and then go on with a plan that "
            "refreshes",
        )


def scaling_off(stack: str, old: StackJson, new: StackJson) -> Iterator[Stop]:
    """Without a scalable target the count is what the file says: 1 where it says nothing."""
    least = old.resources.get(_SCALING, {}).get("min_capacity", 0)
    count = _service(new).get("desired_count", 0)
    if _SCALING in old.resources and _SCALING not in new.resources and count < max(least, 1):
        yield Stop(
            stack,
            _SCALING,
            "autoscaling is gone from the file",
            f"set the count to {count}, from {least} tasks or more at once",
            f"say how many are to run: count: {least}",
        )


def bounds_of_schedules(stack: str, old: StackJson, new: StackJson) -> Iterator[Stop]:
    """Schedules rewrite the bounds, so no plan does: those of the file would never come.

    https://github.com/terraform-aws-modules/terraform-aws-ecs/issues/422
    """
    was, now = (it.resources.get(_SCALING, {}) for it in (old, new))
    ignored = lifecycle(now).get("ignore_changes") or ()
    changed = {
        bound: (was[bound], now[bound])
        for bound in ("min_capacity", "max_capacity")
        if was and bound in ignored and was[bound] != now[bound]
    }
    if changed:
        said = " and ".join(
            f"{bound.removesuffix('_capacity')} of autoscaling changes from {before} to {after}"
            for bound, (before, after) in changed.items()
        )
        flags = " ".join(
            f"--{bound.replace('_', '-')} {after}" for bound, (_, after) in changed.items()
        )
        service = re.sub(r"[${}]", "", str(new.value_of(now.get("resource_id"))))
        yield Stop(
            stack,
            _SCALING,
            f"{said} beside schedules",
            "leave the bounds as they are in AWS: with schedules they belong to those",
            "change the schedules; or set them once, and go on: aws application-autoscaling "
            "register-scalable-target --service-namespace ecs --scalable-dimension "
            f"ecs:service:DesiredCount --resource-id {service} {flags}",
        )


def capacity_unforced(stack: str, old: StackJson, new: StackJson) -> Iterator[Stop]:
    """A strategy of capacity providers changes with a forced deployment alone.

    A word asks for none, or every change of the service would restart its tasks.
    https://github.com/hashicorp/terraform-provider-aws/issues/43533
    """
    was, now = (it.value_of(_service(it).get("capacity_provider_strategy")) for it in (old, new))
    both = SERVICE in old.resources and SERVICE in new.resources
    if both and was != now and not _service(new).get("force_new_deployment"):
        yield Stop(
            stack,
            SERVICE,
            "capacity changes to a word",
            "refuse the plan: a running service gets other capacity providers by a forced "
            "deployment, for which a word does not ask",
            "write a strategy: capacity: {fargate: 1} runs all tasks on Fargate, {fargate_spot: 1} "
            "all on Spot",
        )


def _service(stack: StackJson) -> Content:
    return stack.resources.get(SERVICE, {})


def _mapped(stack: StackJson) -> set[Any]:
    """Return the ports that the containers of the application map."""
    local = stack.content.get("locals", {})
    containers = local.get("template_containers") or local.get("task_containers") or []
    return {
        mapping.get("containerPort")
        for container in containers
        for mapping in container.get("portMappings", ())
    }

"""What runs until the first deployment."""

from typing import Any

from keyless_ecs.aws.placeholder import placeholder
from keyless_ecs.config.container import Container

PARAMETER = "arn:aws:ssm:ap-northeast-1:123456789012:parameter/papyrus"


def made(**settings: Any) -> dict[str, Any]:
    """Return the placeholder of a container of which *settings* were asked for."""
    container = Container.model_validate(settings)
    return placeholder(container, name="papyrus", log_group="/ecs/x", region="eu-west-1")


def test_it_answers_on_the_containers_own_port() -> None:
    """P8. Nginx as it comes listens on 80, whatever the container says.

    https://github.com/aws-samples/amazon-ecs-fargate-cdk-v2-cicd/issues/15
    """
    found = made(port=8080)

    assert found["portMappings"] == [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}]
    shell, flag, script = found["command"]
    assert (shell, flag) == ("sh", "-c")
    assert "listen 8080; location / { return 200; }" in script
    assert script.endswith("exec nginx -g 'daemon off;'")


def test_it_answers_what_the_load_balancer_takes_for_good() -> None:
    """The first deployment waits for a service that is healthy before it."""
    found = placeholder(
        Container(port=80), name="papyrus", log_group="/ecs/x", region="eu-west-1", status="302"
    )

    assert "return 302;" in found["command"][2]


def test_it_has_nothing_of_the_application() -> None:
    """P8. Neither command, health check, secrets nor a read-only root: nginx could not run so."""
    application = {
        "command": ["serve"],
        "health_check": {"command": ["true"]},
        "variables": {"A": "1"},
        "secrets": {"B": PARAMETER},
        "read_only_root": True,
    }

    assert made(port=8080, **application) == made(port=8080)


def test_an_image_that_is_named_runs_as_it_stands() -> None:
    """Whoever names one knows what it does."""
    assert made(image="ghcr.io/acme/hello:1") == {
        "name": "papyrus",
        "image": "ghcr.io/acme/hello:1",
        "essential": True,
        "logConfiguration": made()["logConfiguration"],
    }

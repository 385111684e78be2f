"""The combined example, played: requests, a deployment, scaling, a shift of traffic and back."""

import shutil
from pathlib import Path

import pytest

from keyless_ecs.config import load
from keyless_ecs.rehearsal.play import Play
from keyless_ecs.rehearsal.report.recorder import Recorder
from keyless_ecs.rehearsal.terraform.terraform import Terraform
from tests.conftest import ROOT
from tests.support.terraform import needs_terraform

pytestmark = [needs_terraform, pytest.mark.rehearsal]

EXAMPLE = ROOT / "examples/production.yaml"
OVERRIDE = ROOT / "examples/override/load_balancer_override.tf"


def test_the_combined_example_is_reached(tmp_path: Path) -> None:
    """The rule leads to the placeholder, then to the deployed task; plans stay empty.

    Beside the JSON stands the override file of the examples, which Terraform merges into it.
    https://developer.hashicorp.com/terraform/language/files/override

    Rolling, so that the plan is refused while green serves: ``canary`` in its place plans nothing
    then, as ``make rehearse-all`` shows.
    """
    config = tmp_path / "delivery.yaml"
    config.write_text(EXAMPLE.read_text().replace("deployment: canary", "deployment: rolling"))
    file, shown = load(config), list[str]()
    play = Play(config, file, list(file.deliveries()), Terraform.find(), Recorder(shown.append))
    with play.stage() as stage:
        shutil.copy(OVERRIDE, stage.stacks.folders["papyrus-production"])
        play.set_up(stage)
        elb = stage.aws.client("elbv2", "123456789012", "eu-central-1")
        (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
        arn = balancer["LoadBalancerArn"]
        attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        play.send_requests(stage, "at first")
        play.push(stage, "first push")
        play.send_requests(stage, "after it")
        play.scale_out(stage)
        play.shift_traffic(stage)

    # What the override file names is as it says, all else as in the JSON beside it.
    kept = {attribute["Key"]: attribute["Value"] for attribute in attributes}
    assert kept["idle_timeout.timeout_seconds"] == "120"
    assert kept["routing.http.drop_invalid_header_fields.enabled"] == "true"
    details = {step.name: step.detail for step in play.recorder.steps}
    assert details["send a request at first"] == (
        "papyrus-production-blue, public.ecr.aws/nginx/nginx:stable"
    )
    assert "/papyrus@sha256:" in details["send a request after it"]
    assert details["scale out"] == "2 → 10 tasks"
    assert details["see a plan refused"] == "The green target group serves"
    (runner,) = play.runners.values()
    assert runner.urls == {"production": "https://papyrus.example.com"}
    assert "production is reached at <https://papyrus.example.com>." in "".join(runner.summaries)
    plans = [step.detail for step in play.recorder.steps if step.name == "plan again"]
    assert set(plans) == {"No changes"}

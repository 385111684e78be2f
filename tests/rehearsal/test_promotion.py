"""The example of promotion, played: two accounts, many builds in between, a worker that follows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from ruamel.yaml import YAML

from keyless_ecs.config import load
from keyless_ecs.rehearsal import scenes
from keyless_ecs.rehearsal.play import Play, Stage
from keyless_ecs.rehearsal.report.recorder import Recorder
from keyless_ecs.rehearsal.scene import registry, services
from keyless_ecs.rehearsal.terraform.terraform import Terraform
from tests.conftest import ROOT
from tests.support.terraform import needs_terraform

pytestmark = [needs_terraform, pytest.mark.rehearsal]

REGISTRY = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/shop"
STAGING, PRODUCTION, WORKER = "shop-staging", "shop-production", "worker-production"


@dataclass
class Played:
    """The example after a first push; each test plays on from where the one before ended."""

    play: Play
    stage: Stage
    first: dict[str, str]

    def push(self, moment: str) -> str:
        """Push a commit through all environments, and return the digest of its image."""
        (worker,) = self.play._last()
        sha = scenes.commit(moment)
        scenes.push(self.play._runner(self.stage, worker), worker, sha)
        return registry.pushed(self.stage.aws, worker, sha)

    def running(self) -> dict[str, str]:
        """Return what each environment runs."""
        aws = self.stage.aws
        return {each.stack: services.running(aws, each).image for each in self.play.deliveries}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Play the example up to its first push.

    Besides, the state is in S3, what exists is left or adopted; staging has existing subnets,
    secrets and a registry that expires early; production exec, Spot, and a team that alone makes
    its tags.
    """
    data = YAML().load((ROOT / "examples/promotion.yaml").read_text())
    data["state"] = {"s3": {"bucket": "acme-state", "region": "eu-west-1"}}
    data["accounts"]["dev"]["oidc_provider"] = "existing"
    data["accounts"]["prod"] |= {"oidc_provider": "adopt", "region": "eu-central-1"}
    shop = data["services"]["shop"]
    shop["container"]["variables"] = {"LEVEL": "info"}
    shop["environments"]["staging"] |= {
        "registry": {"keep_images": 3, "keep_deployed": 2},
        "github": {"as_secrets": ["AWS_ACCOUNT_ID"], "secrets": {"API_KEY": "variable"}},
        "network": {
            "subnets": ["subnet-0a1b2c3d4e5f60718"],
            "security_groups": ["sg-0a1b2c3d4e5f60718"],
        },
    }
    shop["environments"]["production"] |= {
        "exec": True,
        "capacity": "fargate_spot",
        "github": {
            "reviewers": {"users": ["alice"], "teams": ["ops"]},
            "ruleset": {"teams": ["release"], "roles": ["admin"]},
        },
        "task": {"task_role_policies": ["arn:aws:iam::222222222222:policy/team/data"]},
    }
    config = tmp_path_factory.mktemp("promotion") / "delivery.yaml"
    config.write_text(json.dumps(data))
    file = load(config)
    recorder = Recorder(lambda _: None)
    play = Play(config, file, list(file.deliveries()), Terraform.find(), recorder)
    with play.stage() as stage:
        play.set_up(stage)
        yield Played(play, stage, play.push(stage, "first push"))


def test_the_second_account_promotes_and_the_worker_follows(played: Played) -> None:
    """All deploy the one image, from the registry of the first account, each in its own state."""
    played.play.try_tokens(played.stage)
    (digest,) = set(played.first.values())
    assert set(played.running().values()) == {f"{REGISTRY}@{digest}"}

    github = played.stage.github
    teams = {"nobody": None, **{it: github.team("acme", it)["id"] for it in ("ops", "release")}}
    tag = "refs/tags/v1.0.0"
    made = {team: github.may_make("acme/shop", tag, team=id_) for team, id_ in teams.items()}
    assert made == {"nobody": False, "ops": False, "release": True}
    bucket = played.stage.aws.client("s3", "111111111111", "eu-west-1")
    kept = bucket.list_objects_v2(Bucket="acme-state")["Contents"]
    assert [entry["Key"] for entry in kept] == [
        f"keyless-ecs/{name}.tfstate"
        for name in ("account-dev", "account-prod", PRODUCTION, STAGING, WORKER)
    ]
    details = {(step.stack, step.name): step.detail for step in played.play.recorder.steps}
    assert "1 to import" in details["account-prod", "plan"]
    assert details["account-dev", "plan"] == "No changes"


def test_forty_deployments_of_staging_take_nothing_from_production(played: Played) -> None:
    """What it runs and what it deployed before stay, and it rolls back to that.

    The worker is rolled back by itself, also by the commit: as it takes what production deployed,
    and as both have deployed it. Then a promotion finds its image as ever.
    """
    play, stage = played.play, played.stage
    second = played.push("second push")
    play.build_often(stage)

    details = {step.name: step.detail for step in play.recorder.steps}
    # All but the newest two, which staging deployed last.
    assert details["build 40 times, and let images expire"] == "38 images have expired"
    assert set(played.running().values()) == {f"{REGISTRY}@{second}"}
    sha = scenes.commit("first push")
    staging, production, worker = (f"{REGISTRY}@{second}",) * 3
    for delivery in play.deliveries[1:]:
        scenes.by_hand(play._runner(stage, delivery), delivery, sha)
        rolled_back = f"{REGISTRY}@{played.first[delivery.stack]}"
        if delivery.stack == WORKER:
            worker = rolled_back
        else:
            production = rolled_back
        assert played.running() == {STAGING: staging, PRODUCTION: production, WORKER: worker}
    third = played.push("third push")
    assert set(played.running().values()) == {f"{REGISTRY}@{third}"}

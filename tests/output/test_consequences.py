"""What would run no more stops the run before anything is written, with the way to do without."""

import json
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs import output
from keyless_ecs.config.places import StackPlace
from tests.conftest import Content
from tests.support.stacks import manifest, stack

S3 = {"backend": {"s3": {"bucket": "acme", "key": "{}.tfstate", "region": "eu-west-1"}}}
REGISTRY = "aws_ecr_repository.registry"


def content(key: str = "a", *, name: str | None = "web", **blocks: Any) -> Content:
    """Return a stack with its state in S3, and a registry of this *name*, none where None."""
    backend = json.loads(json.dumps(S3).replace("{}", key))
    registry = {"aws_ecr_repository": {"registry": {"name": name}}} if name else {}
    provider = {"aws": [{"region": "eu-west-1", "allowed_account_ids": ["123456789012"]}]}
    return {"terraform": backend, "provider": provider, "resource": registry, **blocks}


def compared(folder: Path, places: Any = None, **stacks: Content) -> output.Change:
    """Return what turns *folder* into these stacks, whose names have a dash for each underscore."""
    named = {name.replace("_", "-"): it for name, it in stacks.items()}
    files = {path: text for name, it in named.items() for path, text in stack(name, **it).items()}
    return output.compare(folder, files, manifest(*named), places=places or {})


def refusal(change: output.Change, **accepted: Any) -> str:
    """Return why *change* is not applied."""
    with pytest.raises(output.StateAtRiskError) as refused:
        change.apply(**accepted)
    return str(refused.value)


def test_what_would_be_destroyed_stops_the_run(tmp_path: Path) -> None:
    """It says what, why, how to do without, and what lets it go on; then it goes on."""
    compared(tmp_path, a=content()).apply()
    change = compared(tmp_path, a=content(name="shop"))

    said = refusal(change)
    assert said.splitlines() == [
        f"{tmp_path}/stacks/a: name of {REGISTRY} changes from 'web' to 'shop', so Terraform would",
        f"  destroy {REGISTRY} and create it anew: all its images go (AWS refuses while it holds "
        "any, and the apply stops halfway)",
        "  without that: keep it with registry: {name: web}",
        "This is foreseen from the JSON that stands there and the one that would; terraform plan "
        "has the last word.",
        "Where that is done, meant, or nothing was applied yet: the same command with",
        f"  --accept {REGISTRY}",
    ]
    change.apply(accept=[REGISTRY])
    assert not compared(tmp_path, a=content(name="shop"))


def test_an_address_is_accepted_for_one_stack(tmp_path: Path) -> None:
    """Where several stacks have it, only behind a stack's name; what is accepted is kept."""
    compared(tmp_path, a=content(), b=content("b")).apply()
    change = compared(tmp_path, a=content(name="x1"), b=content("b", name="x2"))

    assert f"--accept a:{REGISTRY} --accept b:{REGISTRY}" in refusal(change)
    assert f"{tmp_path}/stacks/a" in refusal(change, accept=[REGISTRY])
    said = refusal(change, accept=[f"a:{REGISTRY}"])
    assert f"{tmp_path}/stacks/a:" not in said
    assert said.endswith(f"--accept a:{REGISTRY} --accept b:{REGISTRY}")
    change.apply(accept=[f"b:{REGISTRY}", f"a:{REGISTRY}"])


@pytest.mark.parametrize(
    ("state", "stops"),
    [
        (None, False),
        ({"resources": []}, False),
        ({"resources": [{"type": "aws_ecs_cluster", "name": "cluster"}]}, False),
        ({"resources": [{"type": "aws_ecr_repository", "name": "registry"}]}, True),
        ("broken", True),
    ],
)
def test_what_was_never_applied_stops_nothing(tmp_path: Path, state: Any, stops: bool) -> None:
    """A state in the folder says what there is; one that cannot be read may hold anything."""
    local = {"terraform": {"backend": {"local": {"path": "terraform.tfstate"}}}}
    compared(tmp_path, a=content() | local).apply()
    if state is not None:
        (tmp_path / "stacks/a/terraform.tfstate").write_text(
            state if isinstance(state, str) else json.dumps(state)
        )

    assert bool(compared(tmp_path, a=content(name="shop") | local).stops) == stops


def test_a_state_that_knows_a_former_address_is_seen(tmp_path: Path) -> None:
    """What ``moved`` renames in the next plan is in the state by the name that it had."""
    local = {"terraform": {"backend": {"local": {"path": "terraform.tfstate"}}}}
    compared(tmp_path, a=content() | local).apply()
    (tmp_path / "stacks/a/terraform.tfstate").write_text(
        json.dumps({"resources": [{"type": "aws_ecr_repository", "name": "registry"}]})
    )
    moved = [{"from": REGISTRY, "to": "aws_ecr_repository.images"}]
    new = {"aws_ecr_repository": {"images": {"name": "shop"}}}

    change = compared(tmp_path, a=content(moved=moved) | local | {"resource": new})
    assert [stop.address for stop in change.stops] == ["aws_ecr_repository.images"]


def test_what_another_stack_takes_over_is_not_destroyed(tmp_path: Path) -> None:
    """The same thing in another state: forgotten here, and imported there."""
    compared(tmp_path, a=content()).apply()

    said = refusal(compared(tmp_path, a=content(name=None), b=content("b")))
    assert "b takes it over: write adopt: [registry] in that environment" in said
    assert f"terraform -chdir={tmp_path}/stacks/a state rm {REGISTRY}" in said


def test_what_a_file_beside_it_forgets_stops_nothing(tmp_path: Path) -> None:
    """The file that the message offers does what it says, as it stands there."""
    compared(tmp_path, a=content()).apply()
    change = compared(tmp_path, a=content(name=None))
    offered = refusal(change).split("removed.tf.json: ")[1].split("\n")[0]
    (tmp_path / "stacks/a/removed.tf.json").write_text(offered)

    assert compared(tmp_path, a=content(name=None)).stops == ()


def test_a_broken_stack_is_no_evidence_of_nothing(tmp_path: Path) -> None:
    """JSON that is no stack's stops the run, and names the way back."""
    compared(tmp_path, a=content()).apply()
    text = json.dumps(content() | {"resource": {"aws_ecr_repository": []}})
    (tmp_path / "stacks/a/cdk.tf.json").write_text(text)

    with pytest.raises(output.OutputFolderError, match="git checkout"):
        compared(tmp_path, a=content())


ENVIRONMENT = ("services", "web", "environments", "live")


def test_a_rename_is_first_taken_for_a_rename(tmp_path: Path) -> None:
    """The old key back, or ``was``; then other causes; the steps of a farewell come last."""
    compared(tmp_path, web_staging=content("web-staging")).apply()
    live = content("web-live")

    said = refusal(compared(tmp_path, {"web-live": StackPlace(ENVIRONMENT)}, web_live=live))
    folder = tmp_path / "stacks/web-staging"
    assert said.splitlines() == [
        f"{folder}: left the delivery file, and nothing else says that its state is "
        "s3 eu-west-1 acme web-staging.tfstate",
        "  renamed to services.web.environments.live? put the old key back, or write was: staging "
        "there: everything keeps its name, and its state moves along",
        "  of another delivery file? write this one elsewhere: --out DIR",
        "  to let it go, in this order:",
        f"    1. terraform -chdir={folder} init",
        "    2. unless the registry is empty, and where nobody else runs its images: aws ecr "
        "delete-repository --force --region eu-west-1 --repository-name web",
        f"    3. terraform -chdir={folder} destroy "
        "(to keep what it made, move the folder elsewhere instead)",
        f"    4. rm -r {folder}",
    ]


def test_a_stack_of_another_account_is_no_other_name(tmp_path: Path) -> None:
    """What was never in that account cannot have been renamed to it."""
    compared(tmp_path, web_staging=content("web-staging")).apply()
    live = content("web-live")
    live["provider"]["aws"][0]["allowed_account_ids"] = ["210987654321"]

    places = {"web-live": StackPlace(ENVIRONMENT)}
    assert "renamed" not in refusal(compared(tmp_path, places, web_live=live))


def test_protections_are_taken_off_first(tmp_path: Path) -> None:
    """Terraform destroys nothing with ``prevent_destroy``, and AWS no protected balancer."""
    protected = {
        "aws_ecr_repository": {"registry": {"name": "web", "lifecycle": {"prevent_destroy": True}}},
        "aws_lb": {"load_balancer": {"name": "web", "enable_deletion_protection": True}},
        "aws_iam_openid_connect_provider": {"github_oidc": {"url": "https://example.com"}},
    }
    compared(tmp_path, a=content(resource=protected), b=content("b")).apply()

    said = refusal(compared(tmp_path, b=content("b")))
    assert f"{REGISTRY} is protected: terraform -chdir={tmp_path}/stacks/a state rm" in said
    assert "aws_lb.load_balancer is protected: put the environment back, without protect" in said
    assert "state rm aws_iam_openid_connect_provider.github_oidc" in said
    assert said.index("protected") < said.index("delete-repository") < said.index("destroy (")


def test_a_renamed_stack_takes_its_state_along(tmp_path: Path) -> None:
    """``was`` says that it is one; the old folder stays until its state is taken out of it."""
    compared(tmp_path, web_staging=content("web-staging")).apply()
    places = {"web-live": StackPlace(ENVIRONMENT, ("web-staging",))}
    change = compared(tmp_path, places, web_live=content("web-live"))
    old, new = tmp_path / "stacks/web-staging", tmp_path / "stacks/web-live"

    assert f"{new}: its state would move" in refusal(change)
    change.apply(move_state=True)
    assert (old / "cdk.tf.json").exists()
    assert (new / "cdk.tf.json").exists()
    (move,) = change.moves
    assert list(move.steps(tmp_path)) == [
        f"terraform -chdir={old} init && terraform -chdir={old} state pull > web-live.tfstate",
        f'terraform -chdir={new} init && terraform -chdir={new} state push "$PWD"/web-live.tfstate',
        f"rm -r {old} web-live.tfstate",
    ]

    again = compared(tmp_path, places, web_live=content("web-live"))
    assert list(again.summary()) == ["stack web-staging: is called web-live now"]
    assert f"rm -r {old}" in refusal(again)
    (old / "cdk.tf.json").unlink()
    old.rmdir()
    assert not compared(tmp_path, places, web_live=content("web-live")).moves


def test_a_renamed_stack_with_a_local_state(tmp_path: Path) -> None:
    """The file goes from folder to folder; without one there is nothing to take along."""
    local = {"terraform": {"backend": {"local": {"path": "terraform.tfstate"}}}}
    compared(tmp_path, web_staging=content() | local).apply()
    places = {"web-live": StackPlace(ENVIRONMENT, ("web-staging",))}
    old, new = tmp_path / "stacks/web-staging", tmp_path / "stacks/web-live"
    assert compared(tmp_path, places, web_live=content() | local).moves == ()

    (old / "terraform.tfstate").write_text(json.dumps({"resources": [{}]}))
    change = compared(tmp_path, places, web_live=content() | local)
    change.apply(move_state=True)
    (move,) = change.moves
    assert list(move.steps(tmp_path)) == [
        f"mv {old}/terraform.tfstate {new}/terraform.tfstate",
        f"rm -r {old}",
    ]
    (old / "terraform.tfstate").rename(new / "terraform.tfstate")
    compared(tmp_path, places, web_live=content() | local).apply()
    assert not old.exists()


def test_a_renamed_stack_is_compared_with_what_it_was(tmp_path: Path) -> None:
    """A name that changes along with the key is destroyed all the same."""
    compared(tmp_path, web_staging=content("web-staging")).apply()
    places = {"web-live": StackPlace(ENVIRONMENT, ("web-staging",))}

    change = compared(tmp_path, places, web_live=content("web-live", name="shop"))
    assert [stop.qualified for stop in change.stops] == [f"web-live:{REGISTRY}"]


def test_a_rename_is_no_partial_run(tmp_path: Path) -> None:
    """Who writes the new stack alone would leave the old one behind."""
    compared(tmp_path, web_staging=content("web-staging")).apply()
    places = {"web-live": StackPlace(ENVIRONMENT, ("web-staging",))}
    files = stack("web-live", **content("web-live"))

    with pytest.raises(output.OutputFolderError, match="run without --only"):
        output.compare(tmp_path, files, manifest("web-live"), places=places, partial=True)

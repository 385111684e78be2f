"""Synthesizes stacks in this process."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from keyless_ecs.config import Delivery, DeliveryFile
from keyless_ecs.config.file import account_stack
from keyless_ecs.engine import bindings
from keyless_ecs.stacks import addresses, crosschecks, imports, limits, moves
from keyless_ecs.synthesis.pipelines import pipelines
from keyless_ecs.synthesis.stack import SynthesizedStack, to_json


def synthesize(
    file: DeliveryFile, names: Sequence[str], progress: Callable[[int], None], folder: Path
) -> list[SynthesizedStack]:
    """Synthesize in this process, through *folder*, which nobody else uses.

    Raises:
        CrossCheckError: A stack and its workflows contradict each other.
    """
    with bindings.started():
        from cdktf import App

        from keyless_ecs.stacks.account import AccountStack
        from keyless_ecs.stacks.delivery import DeliveryStack

        # Here, because Node is not ready yet.
        wanted, deliveries = set(names), list(file.deliveries())
        pipeline_of = pipelines(deliveries, wanted)

    done = 0
    promoted: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        if not delivery.builds:
            promoted.setdefault(delivery.root.stack, []).append(delivery)
    with bindings.interruptible():
        app = App(outdir=str(folder))
        for key, account in file.accounts.items():
            if account_stack(key) in wanted:
                AccountStack(
                    app,
                    key,
                    account=account,
                    github=file.github,
                    state=file.state,
                    providers=file.providers,
                )
                done += 1
                progress(done)
        for delivery in deliveries:
            if delivery.stack in wanted:
                DeliveryStack(
                    app,
                    delivery,
                    promoted_to=promoted.get(delivery.stack, ()),
                    state=file.state,
                    providers=file.providers,
                )
                done += 1
                progress(done)
        app.synth()
        written = json.loads(Path(folder, "manifest.json").read_text())["stacks"]
        contents = {
            name: addresses.readable(
                json.loads(Path(folder, written[name]["synthesizedStackPath"]).read_text())
            )
            for name in names
        }
    contents |= {
        delivery.stack: imports.with_imports(contents[delivery.stack], delivery)
        for delivery in deliveries
        if delivery.stack in contents
    }
    contents = {name: moves.with_moved(content, moves.MOVED) for name, content in contents.items()}
    for delivery in deliveries:
        if pipeline := pipeline_of.get(delivery.stack):
            crosschecks.check(delivery, contents[delivery.stack], pipeline.push, pipeline.deploy)
    refused = {
        account_stack(key): list(limits.of_account(contents[account_stack(key)], key, account))
        for key, account in file.accounts.items()
        if account_stack(key) in contents
    } | {
        delivery.stack: list(limits.of_delivery(contents[delivery.stack], delivery))
        for delivery in deliveries
        if delivery.stack in contents
    }
    # Said here and not to CDKTF, since another process may hold the account's stack.
    after = {
        delivery.stack: [account_stack(delivery.account_key)]
        for delivery in deliveries
        if delivery.reach and delivery.reach.is_shared
    }
    return [
        SynthesizedStack(
            name=name,
            text=to_json(content),
            manifest={**written[name], "dependencies": after.get(name, [])},
            resources=sum(map(len, content.get("resource", {}).values())),
            beside=pipeline_of[name].files if name in pipeline_of else {},
            refused=refused[name],
        )
        for name, content in contents.items()
    ]

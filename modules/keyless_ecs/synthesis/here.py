"""Synthesizes stacks in this process."""

import importlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from keyless_ecs.config import Delivery, DeliveryFile
from keyless_ecs.config.file import account_stack
from keyless_ecs.engine import bindings
from keyless_ecs.synthesis.stack import SynthesizedStack


def synthesize(
    file: DeliveryFile, names: Sequence[str], progress: Callable[[int], None], folder: Path
) -> list[SynthesizedStack]:
    """Synthesize in this process, through *folder*, which nobody else uses.

    Raises:
        CrossCheckError: A stack and its workflows contradict each other.
    """
    with bindings.started():
        from cdktf import App

        from keyless_ecs.stacks import addresses, crosschecks, imports, limits, moves
        from keyless_ecs.stacks.account import AccountStack
        from keyless_ecs.stacks.delivery import DeliveryStack
        from keyless_ecs.synthesis.pipelines import pipelines

        # Here, because Node is not ready yet; and what writes the files needs the import.
        importlib.import_module("keyless_ecs.synthesis.files")
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
        manifest = json.loads(Path(folder, "manifest.json").read_text())["stacks"]

    def written(name: str) -> dict[str, Any]:
        text = Path(folder, manifest[name]["synthesizedStackPath"]).read_text()
        return addresses.readable(json.loads(text))

    made: dict[str, SynthesizedStack] = {}
    for key, account in file.accounts.items():
        if (name := account_stack(key)) in wanted:
            content = moves.with_moved(written(name), moves.MOVED)
            refused = limits.of_account(content, key, account)
            made[name] = SynthesizedStack.of(name, content, manifest[name], refused)
    for delivery in deliveries:
        if (name := delivery.stack) in wanted:
            content = imports.with_imports(written(name), delivery)
            content = moves.with_moved(content, moves.MOVED)
            pipeline = pipeline_of[name]
            crosschecks.check(delivery, content, pipeline.push, pipeline.deploy)
            refused = limits.of_delivery(content, delivery)
            # Said here and not to CDKTF, since another process may hold the account's stack.
            shares = delivery.reach and delivery.reach.is_shared
            after = [account_stack(delivery.account_key)] if shares else []
            made[name] = SynthesizedStack.of(
                name, content, manifest[name], refused, after=after, beside=pipeline.files
            )
    return [made[name] for name in names]

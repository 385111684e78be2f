"""The plugin that Terraform reaches: in this process, where it need not be started for each run."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from tf.gen import tfplugin_pb2_grpc as protocol

from keyless_ecs.rehearsal.github.provider import GitHubProvider, Servicer
from keyless_ecs.versions import OLDEST

VERSION = OLDEST["cdktf"]["github"]
"""The release of integrations/github that it stands in for."""


@contextmanager
def serving(path: Path) -> Iterator[Mapping[str, Any]]:
    """Serve the GitHub in the file *path*, and yield where.

    Terraform takes a provider that runs already, and neither looks for one nor starts it. So the
    stand-in is installed nowhere, and nobody else can take it for the real thing.
    https://developer.hashicorp.com/terraform/plugin/debugging#starting-a-provider-in-debug-mode

    Yields:
        What stands under the provider's address in ``TF_REATTACH_PROVIDERS``.
    """
    server = grpc.server(ThreadPoolExecutor())
    protocol.add_ProviderServicer_to_server(Servicer(GitHubProvider(path)), server)
    # As the local AWS: no folder's name is too long for it, or read otherwise.
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield {
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": os.getpid(),
            # Terraform is not to end it.
            "Test": True,
            "Addr": {"Network": "tcp", "String": f"127.0.0.1:{port}"},
        }
    finally:
        server.stop(grace=None).wait()

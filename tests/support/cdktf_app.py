"""The app of cdktf.json, and then its stacks fitted to what a rehearsal runs on.

Usage: python -m tests.support.cdktf_app WORKSPACE, which is a pickled one, with credentials.
"""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path


def main(workspace: Path) -> None:
    """Run the app as CDKTF's command line would have, and fit what it has written."""
    app = json.loads(Path("cdktf.json").read_text())["app"]
    subprocess.run(app, shell=True, check=True)  # noqa: S602 - so does the command line
    fitted, credentials = pickle.loads(workspace.read_bytes())  # noqa: S301 - the test wrote it
    for stack in Path(os.environ["CDKTF_OUTDIR"], "stacks").iterdir():
        fitted.write(stack.name, json.loads((stack / "cdk.tf.json").read_text()), credentials)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

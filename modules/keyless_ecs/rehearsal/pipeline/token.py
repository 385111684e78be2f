"""The OIDC token of a job, as ``configure-aws-credentials`` hands it to STS."""

import base64
import json
from collections.abc import Mapping


def token(claims: Mapping[str, str]) -> str:
    """Return *claims* as a JSON Web Token. Nothing here verifies its signature, so it has none."""
    return ".".join(map(_part, ({"alg": "none", "typ": "JWT"}, claims))) + "."


def _part(content: Mapping[str, str]) -> str:
    text = json.dumps(content, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

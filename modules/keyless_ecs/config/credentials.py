"""What looks like a credential, by the forms that their issuers gave them.

The forms are those of detect-secrets, which knows them by name. It takes a quarter of a second to
import, so only text in which one may stand is handed to it. Nothing is guessed from how random a
text looks: an image's digest is as random as a key.
"""

import re
from functools import cache
from importlib import import_module
from typing import Any

_DETECTORS = (
    *("aws.AWSKeyDetector", "azure_storage_key.AzureStorageKeyDetector"),
    *("discord.DiscordBotTokenDetector", "github_token.GitHubTokenDetector"),
    *("gitlab_token.GitLabTokenDetector", "jwt.JwtTokenDetector", "mailchimp.MailchimpDetector"),
    *("npm.NpmDetector", "openai.OpenAIDetector", "private_key.PrivateKeyDetector"),
    *("pypi_token.PypiTokenDetector", "sendgrid.SendGridDetector", "slack.SlackDetector"),
    *("square_oauth.SquareOAuthDetector", "stripe.StripeDetector"),
    *("telegram_token.TelegramBotTokenDetector", "twilio.TwilioKeyDetector"),
)
"""All of detect-secrets but those that guess, and those whose forms ordinary words have."""

# A run of letters and digits as no word, or what introduces a key.
_RUN = re.compile(r"[\w+/=-]{20,}", re.ASCII)
_INTRODUCTION = re.compile(r"PRIVATE KEY|PuTTY|hooks\.slack|_authToken")
# Forms that detect-secrets does not know, or only within the line of a program.
_FORMS = re.compile(
    r"github_pat_\w{20,}|\bnpm_[A-Za-z0-9]{36}\b|\b(sk|rk)_(live|test)_[A-Za-z0-9]{16,}"
    r"|-----BEGIN [A-Z0-9 ]*PRIVATE KEY|\bxapp-\d-|\bwhsec_[A-Za-z0-9+/=]{16,}"
    r"|\bAIza[\w-]{35}\b|\bsk-(ant|proj)-[\w-]{20,}|\bhv[sb]\.[\w-]{24,}|\bdop_v1_[0-9a-f]{64}\b"
)
_PASSWORD_IN_URL = re.compile(r"://[^\s:/?#@]*:[^\s@/]+@")
_AWS_SECRET_NAME = re.compile(
    r"secret_?access_?key|aws_?(session_?)?(secret|token)|secret_?key", re.I
)
_AWS_SECRET = re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
# Some of the detectors take the square of a text's length, so they get it in pieces.
_PIECE, _STEP = 2_000, 1_500


def is_credential(text: str, name: str = "") -> bool:
    """Tell whether a credential stands in *text*, which is the value of *name*."""
    if _PASSWORD_IN_URL.search(text) or _FORMS.search(text):
        return True
    if _AWS_SECRET_NAME.search(name) and _AWS_SECRET.search(text):
        return True
    if not _INTRODUCTION.search(text) and not any(map(_mixes_digits, _RUN.findall(text))):
        return False
    pieces = [text[start : start + _PIECE] for start in range(0, len(text), _STEP)]
    return any(
        any(True for _ in detector.analyze_string(piece))
        for detector in _detectors()
        for piece in pieces
    )


def may_be_credential(text: str) -> bool:
    """Tell whether *text* is better not shown: here a false alarm costs nothing."""
    return bool(
        "@" in text.partition("://")[2]
        or any(_mixes_cases(match[0]) for match in _AWS_SECRET.finditer(text))
        or is_credential(text)
    )


def _mixes_digits(text: str) -> bool:
    return bool(re.search("[A-Za-z]", text) and re.search("[0-9]", text))


def _mixes_cases(text: str) -> bool:
    return bool(re.search("[a-z]", text) and re.search("[A-Z]", text) and re.search("[0-9]", text))


@cache
def _detectors() -> list[Any]:
    found = []
    for name in _DETECTORS:
        module, _, detector = name.partition(".")
        found.append(getattr(import_module(f"detect_secrets.plugins.{module}"), detector)())
    return found

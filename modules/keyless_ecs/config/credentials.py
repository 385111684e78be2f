"""What looks like a credential, by the forms that their issuers gave them.

The forms are those of detect-secrets, which knows them by name. It takes a quarter of a second to
import, so only text in which one may stand is handed to it. Nothing is guessed from how random a
text looks: an image's digest is as random as a key.
"""

import re
from functools import cache
from importlib import import_module

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
_CANDIDATE = re.compile(
    r"(?=[\w+/=-]*[0-9])(?=[\w+/=-]*[A-Za-z])[\w+/=-]{20,}"
    r"|PRIVATE KEY|PuTTY|hooks\.slack|_authToken"
)
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
_ANY_AT_IN_URL = re.compile(r"://[^\s]*@")


def is_credential(text: str, name: str = "") -> bool:
    """Tell whether a credential stands in *text*, which is the value of *name*."""
    if _PASSWORD_IN_URL.search(text) or _FORMS.search(text):
        return True
    if _AWS_SECRET_NAME.search(name) and _AWS_SECRET.search(text):
        return True
    if not _CANDIDATE.search(text):
        return False
    return any(any(True for _ in detector.analyze_string(text)) for detector in _detectors())


def may_be_credential(text: str) -> bool:
    """Tell whether *text* is better not shown: here a false alarm costs nothing."""
    return bool(
        _ANY_AT_IN_URL.search(text)
        or any(_is_mixed(match[0]) for match in _AWS_SECRET.finditer(text))
        or is_credential(text)
    )


def _is_mixed(text: str) -> bool:
    return bool(re.search("[a-z]", text) and re.search("[A-Z]", text) and re.search("[0-9]", text))


@cache
def _detectors() -> list[object]:
    found = []
    for name in _DETECTORS:
        module, _, detector = name.partition(".")
        found.append(getattr(import_module(f"detect_secrets.plugins.{module}"), detector)())
    return found

"""What happened, as far as the properties ask about it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keyless_ecs.trust import claims
    from tests.pipeline.model.steps import Work


@dataclass(frozen=True)
class Truth:
    """What a revision brings: the commit, the number of its push, the image's digest."""

    commit: str | None = None
    push: int = 0
    digest: str | None = None


@dataclass(frozen=True)
class Asked:
    """A run asks for an environment: an approval, or a wait timer."""

    run: int
    attempt: int
    environment: str


@dataclass(frozen=True)
class Displaced:
    """A group cancelled an entry."""

    run: int
    entry: str
    by: int | None
    """The run of the newcomer that took its place; none where the queue could take no more."""


@dataclass(frozen=True)
class Built:
    """A job ran the repository's build with a role, and could have shown its token elsewhere."""

    run: int
    role: str
    token: "claims.Job"


@dataclass
class Updated:
    """A job had a service run another revision."""

    run: int
    job: str
    service: str
    environment: str | None
    by_hand: bool
    digest_asked: bool
    """Whether somebody named the very image."""
    before: Truth
    before_state: str
    after: Truth
    unseen: bool
    """Whether what ran before came after the job had last looked."""
    looked_before: bool
    """Whether that look was its call before: of two calls the first cannot bind the second."""
    order: str | None
    """What GitHub says of the new commit as seen from the old one."""
    crossed: "Work | None"
    """The job that had brought what ran before."""
    promoted: bool = True
    """Whether the environment that it promotes from had run the image whole."""


@dataclass(frozen=True)
class Expired:
    """Images that the lifecycle rules took although an environment needs them."""

    service: str
    digest: str
    why: str


@dataclass(frozen=True)
class Trouble:
    """Something that must never happen, whatever the property."""

    property: int
    says: str


@dataclass
class History:
    """Everything that happened, in its order."""

    asked: list[Asked] = field(default_factory=list)
    displaced: list[Displaced] = field(default_factory=list)
    built: list[Built] = field(default_factory=list)
    updated: list[Updated] = field(default_factory=list)
    expired: list[Expired] = field(default_factory=list)
    trouble: list[Trouble] = field(default_factory=list)

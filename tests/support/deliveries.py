"""Delivery files that AWS and GitHub take, made up."""

from typing import Any

from hypothesis import strategies as st

from keyless_ecs.config.regions import REGIONS
from keyless_ecs.config.task import SIZES

words = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,6})?", fullmatch=True)
# The registry is named like the service, and ECR takes two characters and more.
services = words.filter(lambda name: len(name) > 1)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
variables = st.dictionaries(st.from_regex(r"V[A-Z0-9_]{0,10}", fullmatch=True), texts, max_size=3)
tags = st.dictionaries(
    st.from_regex(r"t[a-zA-Z0-9 _.:/=+@-]{0,20}", fullmatch=True),
    st.text(st.characters(categories=["L", "N"], include_characters=" _.:/=+-@"), max_size=20),
    max_size=3,
)
refs = st.lists(
    st.from_regex(r"[a-z][a-z0-9]{0,4}(/[a-z0-9]{1,4}){0,2}\*?", fullmatch=True),
    max_size=4,
    unique=True,
)


def settings(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Return mappings with all that is *required*, and any of what is not."""
    return st.fixed_dictionaries(required, optional=optional)


tasks = st.sampled_from(sorted(SIZES)).flatmap(
    lambda cpu: settings(
        {"cpu": st.just(cpu), "memory": st.sampled_from(SIZES[cpu])},
        ephemeral_storage=st.integers(21, 200),
        architecture=st.sampled_from(["x86_64", "arm64"]),
    )
)
containers = settings(
    {"port": st.integers(1, 65_535)},
    variables=variables,
    command=st.lists(texts, max_size=3),
    health_check=settings(
        {"command": st.lists(texts, max_size=2).map(lambda words: ["curl", *words])},
        retries=st.integers(1, 10),
    ),
)
environments = settings(
    {
        "account": st.just("main"),
        "deploy_from": st.builds(
            lambda refs: {"branches": ["main", *refs]}, refs.map(sorted)
        ).filter(lambda each: len(set(each["branches"])) == len(each["branches"])),
    },
    count=st.integers(0, 5_000),
    network=settings({}, ingress=st.just(["10.0.0.0/8", "2001:db8::/32"]), public_ip=st.booleans()),
    trust=settings(
        {},
        subject=st.sampled_from(["both", "legacy", "immutable"]),
        session_hours=st.integers(1, 12),
    ),
    github=settings({}, variables=variables, wait_minutes=st.integers(0, 43_200)),
    logs=settings({}, retention_days=st.sampled_from([1, 30, 3653])),
    container=settings({}, variables=variables),
    task=tasks,
)
files = settings(
    {
        "version": st.just(1),
        "github": settings({"owner": words}, owner_id=st.integers(1, 10**12)),
        "accounts": settings(
            {
                "main": settings(
                    {
                        "id": st.from_regex(r"[0-9]{12}", fullmatch=True),
                        "region": st.sampled_from(sorted(REGIONS)),
                    },
                    tags=tags,
                )
            }
        ),
        "services": st.dictionaries(
            services,
            settings(
                {
                    "repository": words,
                    "container": containers,
                    "environments": st.dictionaries(words, environments, min_size=1, max_size=1),
                },
                tags=tags,
                task=tasks,
            ),
            min_size=1,
            max_size=1,
        ),
    }
)

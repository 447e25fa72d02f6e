"""A new revision of a task definition: the whole of an old one, with another image.

RunTask overrides no image, so another image is another revision. Source: ECS API reference,
ContainerOverride and RegisterTaskDefinition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.errors import InputError

if TYPE_CHECKING:
    from edactl.core.record import JsonValue


@dataclass(frozen=True)
class Revision:
    """A revision that is to be registered; `document` is RegisterTaskDefinition's own form."""

    family: str
    based_on: str
    container: str
    image_before: str
    image: str
    document: dict[str, JsonValue]

    @property
    def change(self) -> str:
        """In words: what differs from the revision that it is copied from."""
        return f"{self.based_on} with {self.image} for {self.image_before} in {self.container}"


def with_image(document: dict[str, JsonValue], container: str, image: str) -> dict[str, JsonValue]:
    """The document with another image in one container, and nothing else changed."""
    found = document.get("containerDefinitions")
    containers = found if isinstance(found, list) else []
    changed: list[JsonValue] = [
        one | {"image": image} if isinstance(one, dict) and one.get("name") == container else one
        for one in containers
    ]
    return document | {"containerDefinitions": changed}


def checked_image(text: str) -> str:
    """The name of an image, when it can be one. Raises InputError."""
    if any(character.isspace() for character in text) or "://" in text or not text.strip(":/@"):
        raise InputError(
            f'--image "{text}" names no image',
            hint="--image REPOSITORY[:TAG|@DIGEST], as docker pull takes it",
        )
    return text

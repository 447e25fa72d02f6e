"""A mapping from message ids to small numbers that holds the newest million or so in fixed memory.

A Python dict takes some 200 bytes an id; this takes about 21, and its size has an end.
"""

from __future__ import annotations

import hashlib

_SLOT_BYTES = 16
_DIGEST_BYTES = 15
_FULLEST = 0.75
_FIRST_SLOTS = 1 << 15
MAXIMUM_SLOTS = 1 << 21
"""Of one generation: 32 MiB, and 1.5 million ids."""


class IdMemory:
    """Remembers a number from 1 to 255 for each id, at least for the newest 1.5 million ids.

    There are two generations: when the newer is full, the older is forgotten. An id is kept as 15
    bytes of its BLAKE2 hash: two ids that share them are not to be met.
    """

    def __init__(self, maximum_slots: int = MAXIMUM_SLOTS) -> None:
        self._maximum_slots = maximum_slots
        self._new = _Table(min(_FIRST_SLOTS, maximum_slots))
        self._old = _Table(1)

    def get(self, message_id: str) -> int:
        """The number of this id; 0 for one that is not known, or was forgotten."""
        key = _key(message_id)
        return self._new.get(key) or self._old.get(key)

    def set(self, message_id: str, number: int) -> None:
        """Remember this number for the id, instead of what it had."""
        if self._new.is_full:
            self._make_room()
        self._new.set(_key(message_id), number)

    def _make_room(self) -> None:
        if self._new.slots < self._maximum_slots:
            self._new = self._new.doubled()
        else:
            self._old, self._new = self._new, _Table(_FIRST_SLOTS)


def _key(message_id: str) -> bytes:
    return hashlib.blake2b(message_id.encode(), digest_size=_DIGEST_BYTES).digest()


class _Table:
    """Open addressing with linear probing; a slot is a key and its number, 0 when it is free."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self._bytes = bytearray(slots * _SLOT_BYTES)
        self._used = 0

    @property
    def is_full(self) -> bool:
        return self._used >= self.slots * _FULLEST

    def get(self, key: bytes) -> int:
        return self._bytes[self._place(key) + _DIGEST_BYTES]

    def set(self, key: bytes, number: int) -> None:
        place = self._place(key)
        if not self._bytes[place + _DIGEST_BYTES]:
            self._used += 1
        self._bytes[place : place + _SLOT_BYTES] = key + bytes((number,))

    def doubled(self) -> _Table:
        larger = _Table(self.slots * 2)
        for place in range(0, len(self._bytes), _SLOT_BYTES):
            if number := self._bytes[place + _DIGEST_BYTES]:
                larger.set(bytes(self._bytes[place : place + _DIGEST_BYTES]), number)
        return larger

    def _place(self, key: bytes) -> int:
        """Where the key is, or the free slot where it would be."""
        held = self._bytes
        slot = int.from_bytes(key[:8], "big") % self.slots
        while True:
            place = slot * _SLOT_BYTES
            if not held[place + _DIGEST_BYTES] or held[place : place + _DIGEST_BYTES] == key:
                return place
            slot = (slot + 1) % self.slots

"""`-vv`: botocore's log, with every secret masked."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SECRETS = re.compile(
    r"(?i)(authorization|x-amz-security-token|signature|secret_?access_?key|session_?token"
    r"|credential|tokencode|serialnumber|access_?key_?id|refresh_?token|access_?token)"
    r"(['\"]?\s*[=:>]\s*)(b?['\"]?)([^'\",&<}\]\n]+)"
)
_SIGNING = re.compile(r"(?s)(CanonicalRequest|StringToSign):\n.*|Signature:\n\S+")


def mask(text: str) -> str:
    """The text with the values of tokens, keys and signatures replaced by ***."""
    text = _SIGNING.sub(r"\1: ***", text)
    return _SECRETS.sub(r"\1\2\3***", text)


class _Writer(logging.Handler):
    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__(logging.DEBUG)
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        """One masked line."""
        try:
            self._write(f"{record.name}: {mask(record.getMessage())}")
        except Exception:  # noqa: BLE001 -- a log line must never end a command
            self.handleError(record)


def log_calls(write: Callable[[str], None]) -> None:
    """Send botocore's log to `write`, masked."""
    logger = logging.getLogger("botocore")
    logger.handlers = [_Writer(write)]
    logger.setLevel(logging.DEBUG)
    logger.propagate = False

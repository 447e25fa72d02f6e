"""`-vv`: botocore's log, with every secret masked.

What is masked: keys, tokens, signatures and one-time codes, in headers, in parameters, and in the
JSON and XML of answers; access key ids keep their last four characters. Message bodies and event
details are shown: they are what the operator debugs.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_NAMES = (
    r"authorization|x-amz-security-token|x-amz-sso_bearer_token|x-aws-ec2-metadata-token"
    r"|x-amz-signature|signature|security-?token|secret_?access_?key|secret_?key|aws_secret_access_key"
    r"|session_?token|aws_session_token|access_?token|refresh_?token|id_?token|web_?identity_?token"
    r"|client_?secret|token_?code|samlassertion|password|device_?code"
)
# NAME, then what stands between it and its value: quotes, colon or equals, or the rest of a tag
_NAMED = re.compile(
    rf"""(?ix)
    (?P<name> ["']? \b (?:{_NAMES}) \b ["']? )
    (?P<between> \s* (?:[:=]|%3D) \s* b? | > | \s*\]?\s*=>\s* )
    (?P<value> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | [^\s"'<>,&}}\])][^"'<>,&}}\])\n\r]* )
    """
)
_ESCAPED_JSON = re.compile(
    rf"""(?ix)(?P<name>\\?["'](?:{_NAMES})\\?["'])(?P<between>\s*:\s*)(?P<value>\\?["'].*?\\?["'])"""
)
_KEY_ID = re.compile(r"\b(A[A-Z]{3})[A-Z0-9]{8,}([A-Z0-9]{4})\b")
_HEX_SIGNATURE = re.compile(r"(?i)(signature['\"]?\s*[:=]?\s*b?['\"]?)[0-9a-f]{16,}")


def mask(text: str) -> str:
    """The text with the values of keys, tokens, codes and signatures replaced by ***."""
    text = _ESCAPED_JSON.sub(r"\g<name>\g<between>***", text)
    text = _NAMED.sub(r"\g<name>\g<between>***", text)
    text = _HEX_SIGNATURE.sub(r"\1***", text)
    return _KEY_ID.sub(r"\1***\2", text)


class _Writer(logging.Handler):
    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__(logging.DEBUG)
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, masked; botocore's own event machinery is left out, as noise."""
        if record.name == "botocore.hooks":
            return
        try:
            line = f"{record.name}: {record.getMessage()}"
            if record.exc_info and record.exc_info[1]:
                line += f" ({type(record.exc_info[1]).__name__}: {record.exc_info[1]})"
            self._write(mask(line))
        except Exception:  # noqa: BLE001, S110 -- a log line must never end a command
            pass


def write_log_to(write: Callable[[str], None] | None) -> None:
    """Send botocore's log to `write`, masked; None switches it off."""
    logger = logging.getLogger("botocore")
    for handler in [one for one in logger.handlers if isinstance(one, _Writer)]:
        logger.removeHandler(handler)
    logger.setLevel(logging.DEBUG if write else logging.NOTSET)
    logger.propagate = write is None
    if write:
        logger.addHandler(_Writer(write))

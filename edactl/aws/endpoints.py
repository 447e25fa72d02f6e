"""Endpoints that the environment or the AWS configuration set for a service."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from botocore.configprovider import ConfiguredEndpointProvider

from edactl.core.settings import Setting

if TYPE_CHECKING:
    from botocore.session import Session


def configured_endpoint(session: Session, service: str) -> Setting | None:
    """The endpoint URL that botocore would take for this service; None is AWS's own.

    Order: AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's `services` section, the
    profile's endpoint_url; none under AWS_IGNORE_CONFIGURED_ENDPOINT_URLS.
    """
    if session.get_config_variable("ignore_configured_endpoint_urls"):
        return None
    url = ConfiguredEndpointProvider(
        full_config=session.full_config,
        scoped_config=session.get_scoped_config(),
        client_name=service,
        environ=os.environ,
    ).provide()
    if not url:
        return None
    variables = [name for name, value in os.environ.items() if value == url]
    named = [name for name in variables if name.startswith("AWS_ENDPOINT_URL")]
    return Setting(str(url), max(named, key=len) if named else "AWS configuration")

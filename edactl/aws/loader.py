"""A botocore data loader that looks only into the wanted service's folder.

The default loader lists all 400 service folders to answer "is sqs a service?" and parses
endpoints.json into ordered dicts: half the cost of the first client (docs/performance.md).
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Collection, Iterator
from typing import Any

from botocore.exceptions import DataNotFoundError
from botocore.loaders import JSONFileLoader, Loader


class PlainJSONFileLoader(JSONFileLoader):
    """Parses into plain dicts, which keep order too, instead of OrderedDict."""

    def load_file(self, file_path: str) -> Any:
        """The parsed file, plain or gzipped; None when there is none."""
        for path, opener in ((f"{file_path}.json", open), (f"{file_path}.json.gz", gzip.open)):
            if os.path.isfile(path):  # noqa: PTH113 -- asked 30 times a start; Path costs double
                with opener(path, "rb") as file:
                    return json.loads(file.read())
        return None


class _ServiceNames(Collection[str]):
    """All services by name; asks the disk for one when only one is asked about."""

    def __init__(self, loader: ServiceFolderLoader, type_name: str) -> None:
        self._loader = loader
        self._type_name = type_name

    def __contains__(self, name: object) -> bool:
        try:
            return bool(self._loader.list_api_versions(str(name), self._type_name))
        except DataNotFoundError:
            return False

    def __iter__(self) -> Iterator[str]:
        return iter(Loader.list_available_services(self._loader, self._type_name))

    def __len__(self) -> int:
        return len(list(iter(self)))


class ServiceFolderLoader(Loader):
    """Botocore's loader, but membership of one service looks into one folder."""

    FILE_LOADER_CLASS = PlainJSONFileLoader

    def list_available_services(self, type_name: str) -> Any:
        """A collection of all service names that walks the disk only when iterated."""
        return _ServiceNames(self, type_name)

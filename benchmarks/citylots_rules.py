"""Rules for the land parcels of a gen_citylots file, five a family, with the matches that each has.

Families and counts are those of event-ruler's own benchmark, so a fast wrong answer shows.
"""

from __future__ import annotations

import json
from typing import Any

Pattern = dict[str, Any]
LOTS = ["1430022", "2607117", "2607218", "3745012", "VACSTWIL"]
WILDCARDS = ["143*", "2*0*1*7", "*218", "3*5*2", "VA*IL"]
EXACT_X, WEST_X = -122.42916360922355, -122.41600944012424
BETWEEN_X = (-122.46471267081272, -122.4063085128395)
EXACT_Y = 37.729900216217324


def _properties(key: str, condition: object) -> Pattern:
    return {"properties": {key: [condition]}}


def _streets(operator: str, texts: list[str]) -> list[Pattern]:
    return [_properties("STREET", {operator: text}) for text in texts]


def _streets_any_case(operator: str, texts: list[str]) -> list[Pattern]:
    return [_properties("STREET", {operator: {"equals-ignore-case": text}}) for text in texts]


def _anything_but(wrap: str, texts: list[str]) -> list[Pattern]:
    conditions = [{"anything-but": {wrap: text} if wrap else text} for text in texts]
    street, other, kind, shape, start = conditions
    return [
        _properties("STREET", street),
        _properties("STREET", other),
        _properties("ST_TYPE", kind),
        {"geometry": {"type": [shape]}},
        _properties("FROM_ST", start),
    ]


def _numeric(points: str, second: Pattern) -> list[Pattern]:
    def x_is(*numeric: object) -> Pattern:
        return {"geometry": {points: {"x": [{"numeric": list(numeric)}]}}}

    first = x_is("=", EXACT_X)
    first["geometry"]["type"] = ["Polygon"]
    return [
        first,
        {"geometry": {"type": ["MultiPolygon"], points: second}},
        x_is("<", WEST_X),
        x_is(">", WEST_X),
        x_is(">", BETWEEN_X[0], "<", BETWEEN_X[1]),
    ]


IGNORED = ["jefferson", "bEaCh", "HyDe", "CHESTNUT"]
_LOT_WILDCARDS = [_properties("MAPBLKLOT", {"wildcard": one}) for one in WILDCARDS]
_NO_WILDCARDS = [_properties("MAPBLKLOT", {"anything-but": {"wildcard": w}}) for w in WILDCARDS]
FAMILIES: dict[str, tuple[float, list[int], list[Pattern]]] = {
    "exact": (2.0, [1, 101, 35, 656, 1], [_properties("MAPBLKLOT", one) for one in LOTS]),
    "wildcard": (1.6, [250, 586, 1021, 1492, 1], _LOT_WILDCARDS),
    "prefix": (2.0, [23, 426, 30, 2243, 318], _streets("prefix", ["AC", "BL", "DR", "FU", "RH"])),
    "prefix, any case": (
        2.0,
        [23, 426, 30, 2243, 318],
        _streets_any_case("prefix", ["Ac", "bL", "dR", "Fu", "rH"]),
    ),
    "suffix": (
        2.0,
        [20941, 797, 10, 3689, 621],
        _streets("suffix", ["ON", "KE", "MM", "ING", "GO"]),
    ),
    "suffix, any case": (
        2.0,
        [20941, 797, 10, 3689, 621],
        _streets_any_case("suffix", ["oN", "ke", "mM", "InG", "gO"]),
    ),
    "ignore case": (
        2.0,
        [104, 199, 1674, 768, 114968],
        [
            *_streets("equals-ignore-case", IGNORED),
            _properties("ST_TYPE", {"equals-ignore-case": "st"}),
        ],
    ),
    "numeric": (
        0.8,
        [2, 120, 149460, 63608, 132314],
        _numeric("firstCoordinates", {"z": [{"numeric": ["=", 0]}]}),
    ),
    "anything-but": (
        1.1,
        [211300, 210628, 98100, 120, 212768],
        _anything_but("", ["FULTON", "MASON", "ST", "Polygon", "441"]),
    ),
    "anything-but, any case": (
        1.1,
        [211300, 210628, 98100, 120, 212768],
        _anything_but("equals-ignore-case", ["Fulton", "Mason", "st", "polygon", "441"]),
    ),
    "anything-but prefix": (
        1.1,
        [211300, 210628, 98100, 120, 212203],
        _anything_but("prefix", ["FULTO", "MASO", "ST", "Poly", "44"]),
    ),
    "anything-but suffix": (
        1.1,
        [211300, 210628, 94216, 0, 210740],
        _anything_but("suffix", ["ULTON", "ASON", "T", "olygon", "41"]),
    ),
    "anything-but wildcard": (1.1, [212818, 212482, 212047, 211576, 213067], _NO_WILDCARDS),
    "complex arrays": (
        0.17,
        [218, 1, 149709, 63779, 132625],
        _numeric("coordinates", {"y": [{"numeric": ["=", EXACT_Y]}]}),
    ),
}


def rules(family: str) -> dict[str, str]:
    """The patterns of a family by their number."""
    return {str(at): json.dumps(one) for at, one in enumerate(FAMILIES[family][2])}

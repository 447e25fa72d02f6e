"""Pieces of the code that is generated for a rule set. Names in braces are filled in."""

FIELD = """\
x = {record}.{member}
kind = type(x)
if kind is str:
    {string}
elif kind is bytes: m &= {literal}(x)
elif kind is int: m &= {integer}(x)
elif kind is list: m &= {array}(x)
else: m &= {other}(x)
if not m: return 0
"""
BELOW = """\
{inner} = {record}.{member}
if type({inner}) is {type}:
    m &= {own_missing}
{code}
else:
    m = {shape}({inner}, m)
    if not m: return 0
"""
LATE = """\
{inner} = {record}.{member}
if {inner} is UNSET:
    m &= {missing}
else:
    {inner} = {decode}({inner})
    if type({inner}) is {type}:
        m &= {own_missing}
{code}
    else:
        m = {shape}({inner}, m)
if not m: return 0
"""
GUARDED = """\
if m & {asking}:
{code}
"""
# {shape}: a field that may be an object, an array of them, or anything else;
# {many}: an array; None when there is no object in it, so that what is below is missing
SHAPE = """\
def {shape}(v, m):
    m &= {own}(v)
    if type(v) is list:
        r = {many}(v, m)
        if r is not None: return r
    return m & {below_missing}
def {many}(v, m):
    total = 0
    found = False
    for one in v:
        kind = type(one)
        if kind is {record}:
            found = True
            total |= {walk}(one, m)
{early}        elif kind is list:
            r = {many}(one, m)
            if r is not None:
                found = True
                total |= r
        elif kind is dict: raise Undecided
    if not found: return None
{doubt}    return total
"""
EARLY = """\
            if total == m: return m
"""
DOUBT = """\
    doubtful[0] |= m & {absent}
    total |= m & {absent}
"""

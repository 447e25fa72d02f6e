"""Pieces of the code that is generated for a rule set. Names in braces are filled in.

`{m}` is the mask so far, `{x}` the field's value, `{fail}` what to do when the mask has become 0.
Few instructions an event are what counts here: a byte code costs as much as a byte of JSON.
"""

# fields of few values, together: their answers are known, or searched and kept
TOGETHER = """\
try: {m} &= {known}
except KeyError: {m} &= {searched}
"""
# where the decoder itself has found the answers
ANSWERS = "{m} &= {answers}\n"
MANY_ANSWERS = """\
x = {x}
if len(x) == 1: {m} &= x[0].mask
elif x:
    y = 0
    for z in x: y |= z.mask
    {m} &= y
else: {m} &= {missing}
"""
KNOWN = "{known}[{x}]"
SEARCHED = "{look}({x})"
# where a number and a truth value have different answers
WITH_TWINS = """\
if {x} is True: {m} &= {true}
elif {x} is False: {m} &= {false}
else:
    try: {m} &= {known}[{x}]
    except KeyError: {m} &= {look}({x})
"""
LISTED = "{m} &= {get}({x}, {default})\n"
CROWDED = """\
kind = type({x})
if kind is str:
    {string}
elif kind is bytes:
    {literal}
elif kind is int: {m} &= {integer}
else: {m} &= {answer}({x})
"""
# what has no such slice is no string, and a number in bytes is found as little as other strings
CROWDED_EDGES = """\
try: {m} &= {found}
except NO_STRING: {m} &= {answer}({x})
"""
CROWDED_ADDRESSES = """\
try: head, _, tail = {x}.rpartition(".")
except NO_STRING: {m} &= {answer}({x})
else:
    y = {heads}.get(head)
    {m} &= y if y == {base} or (y is not None and tail in {octets}) else {search}({x})
"""
CROWDED_NUMBERS = """\
kind = type({x})
if kind is bytes:
    {literal}
elif kind is int: {m} &= {integer}
else: {m} &= {answer}({x})
"""
# at most 15 digits and no exponent (e is 101, E is 69), or as the shortest text of its double: the
# engine compares it
LITERAL = """\
if len({x}) < 17 and 101 not in {x} and 69 not in {x}:
        {m} &= {masks}[bisect({bounds}, number({x}))]
    else:
        y = number({x})
        {m} &= {masks}[bisect({bounds}, y)] if encode(y) == {x} else {slowly}({x})"""
MAYBE = """\
z = {tests}.get(x[{edge}])
if z is not None: {name} |= {tried}(z, x)
"""
MAYBE_ARRAY = """\
x = {x}
kind = type(x)
if kind is list:
    {array}
elif kind is dict: {m} &= {missing}
else:
{scalar}
"""
ARRAY = "{m} &= {array}(x)"
LISTED_ARRAY = """\
if len(x) == 1: {m} &= {get}(x[0], {default})
    elif x:
        y = 0
        for z in x: y |= {get}(z, {default})
        {m} &= y
    else: {m} &= {missing}"""
FAIL = "if not {m}: {fail}\n"
GUARDED = """\
if {m} & {asking}:
{code}
"""

# a field that may be an object
BELOW = """\
{inner} = {x}
{code}
"""
BELOW_AT_TIMES = """\
{inner} = {x}
if type({inner}) is {type}:
{code}
elif {inner} is UNSET: {m} &= {missing}
{array}else: {m} = {shape}({inner}, {m})
"""
NEW_ARRAY = "elif type({inner}) is list: raise Unforeseen\n"
OBJECTS = """\
{inner} = {x}
if type({inner}) is list:
    {total} = 0
    for {element} in {inner}:
        if type({element}) is not {type}:
            {m} = {shape}({inner}, {m})
            break
        {each} = {m}
{code}
        {total} |= {each}
{early}    else:
        if {inner}:
{doubt}            {m} = {total}
        else: {m} &= {missing_below}
elif {inner} is UNSET: {m} &= {missing}
elif type({inner}) is {type}: {m} = {shape}([{inner}], {m})
else: {m} = {shape}({inner}, {m})
"""
LATE = "{decode}({x}) if {x} is not UNSET else UNSET"
OWN = "{m} &= {own_missing}\n"

# such a field when it is no object; many: an array; None when there is no object in it,
# so that what is below is missing
SHAPE = """\
def shape(v, m):
{own}    if type(v) is list:
        r = many(v, m)
        if r is not None: return r
    return m & {missing_below}
def many(v, m):
    total = 0
    found = False
    for one in v:
        kind = type(one)
        if kind is {type}:
            found = True
            n = m
{code}
            total |= n
{early}        elif kind is list:
            r = many(one, m)
            if r is not None:
                found = True
                total |= r
        elif kind is dict: raise Undecided
    if not found: return None
{doubt}    return total
"""
OWN_VALUES = "    m &= {own}(v)\n"
EARLY = """\
            if total == m: return m
"""
EARLY_OBJECTS = """\
        if {total} == {m}: break
"""
DOUBT = """\
doubtful[0] |= {m} & {absent}
{total} |= {m} & {absent}
"""

# the whole walk of a stage, and the loops around it
STAGE = """\
def stage(v, m=0):
{code}
"""
DOUBT_IT = "if doubtful[0]: raise {doubt}(m)\n"
ODD = "if m & {odd}: raise {doubt}(m)\n"
NAMES = """\
try: return [{known}]
except KeyError: return [{searched}]
"""
NAMES_ONCE = """\
try: return [*dict.fromkeys(({known}))]
except KeyError: return [*dict.fromkeys(({searched}))]
"""
KNOWN_NAMES = "*{known}[m >> {skipped} & {ones}], "
SEARCHED_NAMES = "*{search}(m >> {skipped} & {ones}), "
LINES = """\
def lines(lines, progress, invalid):
    number = progress.number
    for line in lines:
        number += 1
        try:
{names_in_lines}
        except REDO as error:
            names = again(error, line, number, invalid)
            if names is not None: yield names
            if path.version != {version}:
                progress.number = number
                return
            continue
        yield names
    progress.number = number
    progress.done = True
def first(v):
{head}
    return m
def values(v): return {values}
def usual(line):
{names}
    return names
def match(line):
    try: return usual(line)
    except REDO as error: return otherwise(error, line)
"""
BY_MASK = """\
v = decode(line)
{head}
names = (walk(m) or begin(m))(v, m) if m else []
"""
# to look up the values together takes half as long as to and their masks and look up the result
BY_VALUES = """\
v = decode(line)
names = (by_values({values}) or meet)(v)
"""
BY_GUESS = """\
try: names = guesses[line[window]](line)
except KeyError: names = meet_line(line)
except ValidationError: names = unlisted(line)
"""
GUESSED = """\
def guessed(line):
    v = decode(line)
    if {unlike}: raise Misled
{code}
"""

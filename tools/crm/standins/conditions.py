"""What a query asks of a record, in one form for all vendors.

A condition is a `Condition`, `And` or `Or`. The names `@id`, `@created` and `@modified` mean the record's place in the order of ids
and its stamps in milliseconds; all others are fields.
"""

import bisect


class Condition:
    """One comparison. `operation` is eq ne gt ge lt le in notin between has lacks contains omits starts ends."""

    __slots__ = ("field", "operation", "value", "_read")

    def __init__(self, field, operation, value=None):
        self.field, self.operation, self.value = field, operation, value
        self._read = {
            "@id": lambda record: record.order, "@created": lambda record: record.created, "@modified": lambda record: record.modified,
        }.get(field, lambda record: record.fields.get(field))

    def matches(self, record):
        # Ids are told apart by case, in the order that they are listed in.
        return compare(self._read(record), self.operation, self.value, is_exact=self.field == "@id")


class And:
    """All of the parts; no parts mean all records."""

    def __init__(self, *parts):
        self.parts = parts

    def matches(self, record):
        return all(part.matches(record) for part in self.parts)


class Or:
    """Any of the parts."""

    def __init__(self, *parts):
        self.parts = parts

    def matches(self, record):
        return any(part.matches(record) for part in self.parts)


def _folded(value):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    return "" if value is None else str(value).casefold()


def compare(held, operation, asked, is_exact=False):
    """Compares as the vendors do: without regard to case unless `is_exact`; numbers as numbers where both are."""
    if operation == "has":
        return held not in (None, "", [])
    if operation == "lacks":
        return held in (None, "", [])
    if operation in ("in", "notin"):
        found = any(compare(held, "eq", value, is_exact) for value in asked)
        return found == (operation == "in")
    if operation == "between":
        return compare(held, "ge", asked[0], is_exact) and compare(held, "le", asked[1], is_exact)
    if isinstance(held, list):
        held = " ".join(map(str, held)) if operation in ("contains", "omits") else (held[0] if len(held) == 1 else str(held))
    left, right = (held, asked) if is_exact else (_folded(held), _folded(asked))
    if type(left) is not type(right):
        try:
            left, right = float(left), float(right)
        except ValueError:
            left, right = str(left), str(right)
    if operation == "eq":
        return left == right
    if operation == "ne":
        return left != right
    if held in (None, ""):
        return operation == "omits"
    if operation in ("contains", "omits"):
        return (str(right) in str(left)) == (operation == "contains")
    if operation == "starts":
        return str(left).startswith(str(right))
    if operation == "ends":
        return str(left).endswith(str(right))
    return {"gt": left > right, "ge": left >= right, "lt": left < right, "le": left <= right}[operation]


def spans(condition, entries):
    """Where the matches lie among entries `(modified, order, record)` sorted so: disjoint ascending `(from, to)`.

    None where that cannot be told from stamp and id alone. Makes the compound window "this stamp and a later id, or a later stamp" cost
    a few binary searches, however many records there are.
    """
    if isinstance(condition, Or):
        found = []
        for part in condition.parts:
            one = spans(part, entries)
            if one is None:
                return None
            found += one
        return _joined(found)
    parts = condition.parts if isinstance(condition, And) else [condition]
    held, ids = [(0, len(entries))], []
    for part in parts:
        if isinstance(part, Condition) and part.field == "@id":
            ids.append(part)
            continue
        one = spans(part, entries) if isinstance(part, (And, Or)) else _stamp_spans(part, entries)
        if one is None:
            return None
        held = _both(held, one)
    if not held or not ids:
        return held
    begin, end = held[0][0], held[-1][1]
    stamp = entries[begin][0]
    if len(held) > 1 or entries[end - 1][0] != stamp:
        return None
    for part in ids:
        at = {"gt": (part.value, 1), "ge": (part.value, 0), "lt": (part.value, 0), "le": (part.value, 1)}.get(part.operation)
        if at is None:
            return None
        place = bisect.bisect_left(entries, (stamp, at[0])) if at[1] == 0 else _after(entries, stamp, at[0])
        if part.operation in ("gt", "ge"):
            begin = max(begin, place)
        else:
            end = min(end, place)
    return [(begin, end)] if begin < end else []


def _after(entries, stamp, order):
    place = bisect.bisect_left(entries, (stamp, order))
    while place < len(entries) and entries[place][:2] == (stamp, order):
        place += 1
    return place


def _both(these, those):
    found = [(max(one[0], other[0]), min(one[1], other[1])) for one in these for other in those]
    return sorted(span for span in found if span[0] < span[1])


def _stamp_spans(part, entries):
    if part.field != "@modified":
        return None
    first = lambda stamp: bisect.bisect_left(entries, (stamp,))
    value, count = part.value, len(entries)
    if part.operation == "between":
        return [(first(value[0]), first(value[1] + 1))]
    if not isinstance(value, int):
        return None
    span = {
        "eq": (first(value), first(value + 1)), "gt": (first(value + 1), count), "ge": (first(value), count), "lt": (0, first(value)),
        "le": (0, first(value + 1)),
    }.get(part.operation)
    return None if span is None else [span]


def _joined(found):
    joined = []
    for begin, end in sorted(found):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def lowest_id(condition):
    """The greatest id that all matches are known to lie beyond; None where there is none."""
    parts = condition.parts if isinstance(condition, And) else [condition]
    bounds = [part.value for part in parts if isinstance(part, Condition) and part.field == "@id" and part.operation in ("gt", "ge")]
    return max(bounds) if bounds else None


def stamp_range(condition):
    """`(lowest, highest)` stamp of all matches, both within, where nothing but stamps and least ids is asked for; None else."""
    parts = condition.parts if isinstance(condition, And) else [condition]
    low, high = -(1 << 62), 1 << 62
    for part in parts:
        if not isinstance(part, Condition) or part.field not in ("@modified", "@id"):
            return None
        if part.field == "@id":
            if part.operation not in ("gt", "ge"):
                return None
            continue
        value = part.value
        one = {"eq": (value, value), "ge": (value, high), "le": (low, value), "between": value}.get(part.operation)
        if part.operation in ("gt", "lt"):
            one = (value + 1, high) if part.operation == "gt" else (low, value - 1)
        if one is None:
            return None
        low, high = max(low, one[0]), min(high, one[1])
    return low, high

"""SOQL (Salesforce) and COQL (Zoho) as far as a sync needs them: SELECT fields FROM object WHERE … ORDER BY … LIMIT n, on one object.

WHERE has AND, OR, NOT, brackets, = != < <= > >= LIKE IN NOT IN BETWEEN IS NULL. SOQL's date-times stand without quotes (SOQL reference);
COQL's stand in quotes, and its LIMIT may have an offset in front (COQL overview).
"""

import re

from .clock import parse
from .conditions import And, Condition, Or

_TOKEN = re.compile(
    r"\s*(?:(?P<time>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d))?)|(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,)|(?P<word>[A-Za-z_][\w.]*(?:\(\s*\))?))")
_OPERATIONS = {"=": "eq", "!=": "ne", "<>": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_OPPOSITES = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt", "in": "notin", "notin": "in"}


class MalformedQuery(Exception):
    """A query that cannot be read."""


class Query:
    """A query that was read. Fields keep the case that was asked for."""

    def __init__(self, text, condition_of):
        self._tokens, self._place = _tokens(text), 0
        self._condition_of = condition_of
        self._demand("SELECT")
        self.fields = self._names()
        self._demand("FROM")
        self.object = self._word()
        self.condition, self.orders, self.limit, self.offset = And(), [], None, 0
        if self._takes("WHERE"):
            self.condition = self._or()
        if self._takes("ORDER"):
            self._demand("BY")
            self._read_orders()
        if self._takes("LIMIT"):
            self.limit = self._whole()
            if self._takes(","):
                self.offset, self.limit = self.limit, self._whole()
        if self._takes("OFFSET"):
            self.offset = self._whole()
        if self._place != len(self._tokens):
            raise MalformedQuery(f"unexpected token: '{self._tokens[self._place][1]}'")

    def _peek(self):
        return self._tokens[self._place] if self._place < len(self._tokens) else ("end", "")

    def _next(self):
        token = self._peek()
        self._place += 1
        return token

    def _takes(self, word):
        if self._peek()[1].upper() == word and self._peek()[0] in ("word", "sign"):
            self._place += 1
            return True
        return False

    def _demand(self, word):
        if not self._takes(word):
            raise MalformedQuery(f"expecting {word}, found '{self._peek()[1]}'")

    def _whole(self):
        kind, text = self._next()
        if kind != "number" or not text.isdigit():
            raise MalformedQuery(f"unexpected token: '{text}'")
        return int(text)

    def _word(self):
        kind, text = self._next()
        if kind != "word":
            raise MalformedQuery(f"unexpected token: '{text}'")
        return text

    def _names(self):
        names = [self._word()]
        while self._takes(","):
            names.append(self._word())
        return names

    def _read_orders(self):
        while True:
            name, is_down = self._word(), False
            if self._takes("DESC"):
                is_down = True
            else:
                self._takes("ASC")
            if self._takes("NULLS"):
                self._word()
            self.orders.append((name, is_down))
            if not self._takes(","):
                return

    def _or(self):
        parts = [self._and()]
        while self._takes("OR"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Or(*parts)

    def _and(self):
        parts = [self._term()]
        while self._takes("AND"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else And(*parts)

    def _term(self):
        if self._takes("NOT"):
            return _opposite(self._term())
        if self._takes("("):
            inner = self._or()
            self._demand(")")
            return inner
        return self._comparison()

    def _comparison(self):
        name = self._word()
        if self._takes("LIKE"):
            return self._like(name, self._value())
        if self._takes("IN"):
            return self._condition_of(name, "in", self._values())
        if self._takes("NOT"):
            self._demand("IN")
            return self._condition_of(name, "notin", self._values())
        if self._takes("BETWEEN"):
            low = self._value()
            self._demand("AND")
            return self._condition_of(name, "between", (low, self._value()))
        if self._takes("IS"):
            operation = "has" if self._takes("NOT") else "lacks"
            self._demand("NULL")
            return Condition(name, operation)
        kind, sign = self._next()
        if sign not in _OPERATIONS:
            raise MalformedQuery(f"unexpected token: '{sign}'")
        return self._condition_of(name, _OPERATIONS[sign], self._value())

    def _like(self, name, pattern):
        inner = pattern.strip("%")
        if pattern.startswith("%"):
            return Condition(name, "contains" if pattern.endswith("%") else "ends", inner)
        return Condition(name, "starts" if pattern.endswith("%") else "eq", inner)

    def _values(self):
        self._demand("(")
        values = [self._value()]
        while self._takes(","):
            values.append(self._value())
        self._demand(")")
        return values

    def _value(self):
        kind, text = self._next()
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "time":
            return Instant(parse(text))
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "word" and text.lower() in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[text.lower()]
        raise MalformedQuery(f"unexpected token: '{text}'")


class Instant(int):
    """A date-time of a query, in milliseconds."""


def _tokens(text):
    found, place, text = [], 0, text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if not match:
            raise MalformedQuery(f"unexpected character at {place}")
        found.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return found


def _opposite(condition):
    if isinstance(condition, And):
        return Or(*map(_opposite, condition.parts))
    if isinstance(condition, Or):
        return And(*map(_opposite, condition.parts))
    if condition.operation not in _OPPOSITES:
        raise MalformedQuery("NOT before LIKE is not supported here")
    return Condition(condition.field, _OPPOSITES[condition.operation], condition.value)

"""Faults on demand.

A list of faults is written `NAME[=ARGUMENT][/KIND][*TIMES][?PROBABILITY][+PASSED]`, several divided by commas: `rate-limit=2/search*3` answers the
next three searches with "too many requests, try again in 2 s"; `slow=50?0.1*0` makes about one request in ten slow, for ever (`*0`);
`server-error/members+1` lets one pass before. TIMES is 1 where it is not given, KIND is any.

Conditions hold until they are taken away: index-lag, late-commits, rewrite, no-relations.
"""

import re

# What a fault does; the word in brackets is its argument.
MOMENTS = {
    "drop-before": "the connection closes before anything is done",
    "drop-after": "the connection closes after all is done: the reply is lost",
    "slow": "the reply comes late [milliseconds]",
    "html": "an HTML page instead of the reply, with this status; nothing is done [502]",
    "server-error": "the vendor's error body with this status; nothing is done [503]",
    "rate-limit": "too many requests [seconds of Retry-After, where the vendor sends it; none for no header]",
    "daily-quota": "the quota of the day is spent until it is reset",
    "expire-token": "all tokens that were given out end now",
    "expire-page": "the page token or cursor of this request is no longer known",
    "ok-error": "status 200 with an error in the body; nothing is done",
    "missing-result": "a batch reply leaves out its last result; all is done",
    "item-error": "the first record of a batch is refused for a passing reason",
    "malformed": "the body ends in the middle, with a true Content-Length",
    "truncated": "the connection closes in the middle of the body",
    "huge": "the reply has so many megabytes of padding in front [64]",
}
CONDITIONS = {
    "index-lag": "a search shows what was written so many seconds ago [5]",
    "late-commits": "stamps of writes are up to so many seconds old when they become visible [5]",
    "no-relations": "Salesforce without contacts of several accounts: there is no AccountContactRelation",
    "rewrite": "texts are trimmed and telephone numbers put in the vendor's form when written",
}
_FORM = re.compile(r"(?P<name>[a-z-]+)(?:=(?P<argument>[^/*?+]*))?(?:/(?P<kind>[\w-]+))?(?P<rest>(?:[*?+][\d.]+)*)$")


class Fault:
    """One fault of a list."""

    def __init__(self, name, argument, kind, times, probability, passed):
        self.name, self.argument, self.kind, self.times, self.probability, self.passed = name, argument, kind, times, probability, passed

    def number(self, otherwise):
        return float(self.argument) if self.argument not in (None, "") else otherwise


class Faults:
    """The faults to come and the conditions that hold."""

    def __init__(self, random):
        self._random = random
        self.waiting, self.conditions = [], {}

    def add(self, text):
        """Adds a list of faults. Raises ValueError where it is not understood."""
        for part in filter(None, (part.strip() for part in (text or "").split(","))):
            match = _FORM.match(part)
            if not match or match["name"] not in MOMENTS | CONDITIONS:
                raise ValueError(f"{part} is no fault")
            if match["name"] in CONDITIONS:
                self.conditions[match["name"]] = float(match["argument"] or 5)
                continue
            times, probability, passed = 1, 1.0, 0
            for mark, number in re.findall(r"([*?+])([\d.]+)", match["rest"]):
                if mark == "*":
                    times = int(number)
                elif mark == "+":
                    passed = int(number)
                else:
                    probability = float(number)
            self.waiting.append(Fault(match["name"], match["argument"], match["kind"], times or None, probability, passed))

    def clear(self):
        self.waiting, self.conditions = [], {}

    def due(self, kind):
        """The faults that befall a request of this kind now."""
        found = []
        for fault in list(self.waiting):
            if fault.kind not in (None, kind) or self._random.random() >= fault.probability:
                continue
            if fault.passed > 0:
                fault.passed -= 1
                continue
            found.append(fault)
            if fault.times is not None:
                fault.times -= 1
                if fault.times == 0:
                    self.waiting.remove(fault)
        return found

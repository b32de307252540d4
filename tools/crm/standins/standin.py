"""What all stand-ins do: routes, faults, limits, counters. A vendor's class says the rest."""

import collections
import random
import re
import threading
import time

from .admin import Admin
from .clock import ServerClock
from .exchange import BadRequest, Refusal, Reply
from .faults import Faults
from .limits import Tokens
from .records import Store
from .webhooks import Webhooks

LOG_MAXIMUM = 2000
HTML_PAGE = b"<!DOCTYPE html><html><head><title>Bad gateway</title></head><body><h1>We'll be right back</h1></body></html>"


class Route:
    """A method and a pattern of paths. `kind` is what counters and faults call it."""

    def __init__(self, method, pattern, kind, handler, is_open=False):
        self.method, self.pattern, self.kind, self.handler, self.is_open = method, re.compile(pattern), kind, handler, is_open


class Standin:
    """A server that answers as a vendor's would.

    A vendor gives `routes`, `authorise`, `limit`, `fault_reply` and the forms of its refusals; it may be asked from many threads, and
    works on its store under `lock`.
    """

    name = ""
    # Fields that hold telephone numbers: where the vendor rewrites values, in its own form.
    phone_fields = frozenset()
    # The kind that seeding and benches use where none is given.
    first_kind = ""

    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.clock = ServerClock(options.clock_offset)
        self.lock = threading.RLock()
        self.faults = Faults(self.random)
        self.tokens = Tokens(self.random)
        self.store = Store(self.clock, self.make_id, self.order_of)
        self.store.late_ms = self._late_ms
        self.webhooks = Webhooks(self)
        self.admin = Admin(self)
        # Requests by kind, and what a client should not have done, by name.
        self.counters, self.marks = collections.Counter(), collections.Counter()
        self.log = collections.deque(maxlen=LOG_MAXIMUM)
        self.url = ""
        self.faults.add(options.faults)
        self.settle_conditions()
        self.routes = self.make_routes()

    # What a vendor says

    def make_routes(self):
        raise NotImplementedError

    def make_id(self, kind, number):
        raise NotImplementedError

    def order_of(self, identifier):
        return identifier

    def authorise(self, request):
        """Raises Refusal where the request shows no good token."""

    def limit(self, request, kind):
        """Raises Refusal where the request is beyond a limit."""

    def fault_reply(self, fault, kind):
        """The vendor's reply for a fault of those that `serve` does not make itself."""
        raise NotImplementedError

    def headers(self, kind):
        """What every reply carries."""
        return {}

    def not_found(self, request):
        return Reply(404, {"message": "not found"})

    def bad_request(self, message):
        return Reply(400, {"message": message})

    def seed_fields(self, kind, number):
        """The fields of the numbered record that the stand-in holds at first."""
        raise NotImplementedError

    def events(self, what, record, changed):
        """What a change tells the vendor's webhooks: a list of bodies."""
        return []

    def webhook_batches(self, events):
        """How the vendor puts events into requests; one each."""
        return events

    def webhook_signed(self, url, body, secret):
        """The address and the headers by which a receiver knows the sender."""
        return url, {}

    def merge_records(self, winner, loser, actor="person"):
        self.store.merge(winner, loser, actor=actor)

    # What all share

    def seed(self, kind, count, stamp=None):
        """Fills a kind with records: a second apart and up to now, or all of one stamp."""
        with self.lock:
            now = self.clock.now()
            for number in range(count):
                at = stamp if stamp is not None else now - (count - number) * 1000
                self.store.create(kind, self.clean(self.seed_fields(kind, number)), stamp=at, actor="seed")
            self.webhooks.forget()

    def settle_conditions(self):
        self.store.lag_ms = int(self.faults.conditions.get("index-lag", 0) * 1000)

    def _late_ms(self):
        seconds = self.faults.conditions.get("late-commits", 0)
        return int(self.random.random() * seconds * 1000) if seconds else 0

    def clean(self, fields):
        """The values as the vendor keeps them."""
        if "rewrite" not in self.faults.conditions:
            return fields
        cleaned = {}
        for name, value in fields.items():
            if isinstance(value, str):
                value = value.strip()
                digits = re.sub(r"\D", "", value)
                if name in self.phone_fields and len(digits) >= 11:
                    value = f"+{digits[:-11] or '86'} {digits[-11:-8]}-{digits[-8:-4]}-{digits[-4:]}"
            cleaned[name] = value
        return cleaned

    def serve(self, request, connection):
        """Answers one request on its connection."""
        if request.path.startswith("/_standin/"):
            connection.respond(self.admin.answer(request), self.clock.now())
            return
        route = self._route(request)
        kind = route.kind if route else "unknown"
        with self.lock:
            self.counters[kind] += 1
            faults = {fault.name: fault for fault in self.faults.due(kind)}
        if "slow" in faults:
            time.sleep(faults["slow"].number(1000) / 1000)
        if "drop-before" in faults:
            self._note(request, kind, 0)
            connection.hang_up()
            return
        with self.lock:
            reply = self._reply(request, route, faults)
            reply.headers = self.headers(kind) | reply.headers
            now = self.clock.now()
        self._note(request, kind, reply.status)
        self._send(reply, connection, now, faults)

    def _note(self, request, kind, status):
        self.log.append({"method": request.method, "target": request.target, "kind": kind, "status": status})

    def _route(self, request):
        for route in self.routes:
            if route.method == request.method and (match := route.pattern.fullmatch(request.path)):
                request.parts = match.groupdict()
                return route
        return None

    def _reply(self, request, route, faults):
        if route is None:
            return self.not_found(request)
        try:
            for name in ("html", "server-error", "rate-limit", "daily-quota", "expire-page", "ok-error"):
                if name in faults:
                    return self._faulty(faults[name], route.kind)
            if "expire-token" in faults:
                self.tokens.expire_all()
            if not route.is_open:
                self.authorise(request)
                if self.options.limits:
                    self.limit(request, route.kind)
            request.faults = faults
            return route.handler(request)
        except Refusal as refusal:
            return refusal.reply
        except BadRequest as fault:
            return self.bad_request(str(fault))

    def _faulty(self, fault, kind):
        if fault.name == "html":
            return Reply(int(fault.number(502)), HTML_PAGE, content_type="text/html")
        return self.fault_reply(fault, kind)

    def _send(self, reply, connection, now, faults):
        if "drop-after" in faults:
            connection.hang_up()
            return
        if "huge" in faults:
            padding = int(faults["huge"].number(64)) << 20
            reply.body = b'{"padding":"' + b"x" * padding + b'","reply":' + (reply.encoded() or b"null") + b"}"
        if "malformed" in faults:
            body = reply.encoded()
            reply.body = body[: max(1, len(body) // 2)] if body else b"{"
        cut = max(1, len(reply.encoded()) // 2) if "truncated" in faults else None
        connection.respond(reply, now, cut)

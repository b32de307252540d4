"""The HubSpot stand-in: paths, tokens, limits, errors, webhooks.

Sources: HubSpot's OpenAPI documents (HubSpot-public-api-spec-collection), its developer documentation and change log; what only
clients have reported is listed in the README of this folder's parent.
"""

import base64
import hashlib
import hmac
import uuid

from ..clock import utc_ms
from ..exchange import Reply
from ..limits import DailyQuota, RollingLimit
from ..standin import Route, Standin
from . import errors
from .associations import Associations
from .lists import Lists
from .objects import Objects
from .properties import ALIASES, TYPES, Property, defined
from .search import Search, change_event

STATIC_TOKEN, REFRESH_TOKEN = "pat-standin", "standin-refresh"
TOKEN_MS = 1_800_000
# The first whole number that a double cannot hold: a client that reads ids as doubles is found out.
FIRST_ID = 9_007_199_254_740_993
WEBHOOK_EVENTS_MAXIMUM = 100
OBJECTS = r"/crm/(?:v3/objects|objects/(?P<version>2025-09|2026-03|2026-09))/(?P<type>[\w-]+)"


class HubSpot(Standin):
    """HubSpot."""

    name = "hubspot"
    phone_fields = frozenset({"phone", "mobilephone"})
    first_kind = "contacts"
    app_id, portal_id = "54321", 62515

    def make_routes(self):
        # A private app of a professional account: 190 requests in 10 s, 650,000 in a day; searches 5 in a second.
        self.burst, self.searches = RollingLimit(190, 10_000), RollingLimit(5, 1000)
        self.daily = DailyQuota(self.options.daily or 650_000, self.options.zone)
        self.properties, self.born = defined(), self.clock.now()
        self.associations, self.objects, self.finder = Associations(self), Objects(self), Search(self)
        self.lists = Lists(self)
        return [*self._token_routes(), *self._object_routes(), *self._association_routes(), *self._list_routes(), *self._description_routes()]

    def _token_routes(self):
        return [Route("POST", r"/oauth/(?:v1|v3|2026-09)/token", "token", self.give_token, is_open=True)]

    def _object_routes(self):
        objects = self.objects
        return [
            Route("POST", OBJECTS + "/search", "search", self.finder.search),
            Route("POST", OBJECTS + "/merge", "merge", objects.merge),
            Route("POST", OBJECTS + "/gdpr-delete", "purge", objects.purge),
            Route("POST", OBJECTS + "/batch/create", "batch-create", objects.batch("create", 201)),
            Route("POST", OBJECTS + "/batch/read", "batch-read", objects.batch("read")),
            Route("POST", OBJECTS + "/batch/update", "batch-update", objects.batch("update")),
            Route("POST", OBJECTS + "/batch/upsert", "batch-upsert", objects.batch("upsert")),
            Route("POST", OBJECTS + "/batch/archive", "batch-archive", objects.batch_archive),
            Route("GET", OBJECTS, "list", objects.list),
            Route("POST", OBJECTS, "create", objects.create),
            Route("GET", OBJECTS + r"/(?P<id>[^/]+)", "get", objects.get),
            Route("PATCH", OBJECTS + r"/(?P<id>[^/]+)", "update", objects.update),
            Route("DELETE", OBJECTS + r"/(?P<id>[^/]+)", "archive", objects.archive),
        ]

    def _association_routes(self):
        one, links = r"/crm/v4/objects/(?P<type>[\w-]+)/(?P<id>\d+)/associations", self.associations
        pair = r"/crm/v4/associations/(?P<type>[\w-]+)/(?P<other>[\w-]+)"
        many, labels = pair + "/batch", pair + "/labels"
        return [
            Route("PUT", one + r"/default/(?P<other>[\w-]+)/(?P<target>\d+)", "associate", links.put_default),
            Route("PUT", one + r"/(?P<other>[\w-]+)/(?P<target>\d+)", "associate", links.put),
            Route("DELETE", one + r"/(?P<other>[\w-]+)/(?P<target>\d+)", "dissociate", links.delete),
            Route("GET", one + r"/(?P<other>[\w-]+)", "associations", links.list),
            Route("POST", many + "/read", "associations", links.batch_read),
            Route("GET", labels, "labels", links.list_labels),
            Route("POST", labels, "labels", links.create_label),
            Route("POST", many + "/labels/archive", "dissociate", links.remove_labels),
            Route("POST", many + "/create", "associate", links.batch_create),
            Route("POST", many + "/associate/default", "associate", links.batch_default),
            Route("POST", many + "/archive", "dissociate", links.batch_archive),
        ]

    def _list_routes(self):
        lists, one = self.lists, r"/crm/v3/lists/(?P<list>\d+)"
        return [
            Route("POST", r"/crm/v3/lists/search", "list-search", lists.search),
            Route("POST", r"/crm/v3/lists/?", "list-create", lists.create),
            Route("GET", one, "list-get", lists.get),
            Route("DELETE", one, "list-delete", lists.remove),
            Route("PUT", one + "/restore", "list-restore", lists.restore),
            Route("PUT", one + "/update-list-name", "list-rename", lists.rename),
            Route("GET", one + "/memberships/join-order", "members", lists.joined),
            Route("PUT", one + "/memberships/add-and-remove", "list-write", lists.write),
            Route("GET", r"/crm/v3/lists/records/(?P<type>[\w-]+)/(?P<record>\d+)/memberships", "memberships", lists.of_record),
        ]

    def administer_lists(self, body):
        return self.lists.administer(body)

    def _description_routes(self):
        described = r"/crm/(?:v3/properties|properties/2026-09)/(?P<type>[\w-]+)"
        return [
            Route("GET", described, "properties", self.list_properties),
            Route("POST", described, "properties", self.create_property),
            Route("GET", described + r"/(?P<name>\w+)", "properties", self.get_property),
            Route("GET", r"/crm/(?:v3/owners|owners/2026-09)/?", "owners", self.list_owners),
            Route("GET", r"/account-info/v3/details", "account", self.account),
        ]

    def make_id(self, kind, number):
        return str((self.options.id_base or FIRST_ID) + number)

    def order_of(self, identifier):
        return int(identifier)

    def kind(self, name):
        """The object type that a path means; anything else is 400."""
        if name not in ALIASES:
            raise errors.refusal(400, f"Unable to infer object type from: {name}", "VALIDATION_ERROR")
        return ALIASES[name]

    def number(self, kind):
        return TYPES[kind][1]

    # Tokens and limits

    def give_token(self, request):
        form = request.form()
        if form.get("grant_type") not in ("refresh_token", "authorization_code"):
            return Reply(400, {"status": "BAD_GRANT_TYPE", "message": "missing or unknown grant type"})
        if form["grant_type"] == "refresh_token" and form.get("refresh_token") != REFRESH_TOKEN:
            return Reply(400, {"status": "BAD_REFRESH_TOKEN", "message": "missing or invalid refresh token"})
        token = self.tokens.issue(self.clock.now(), TOKEN_MS)
        return Reply(200, {"token_type": "bearer", "refresh_token": REFRESH_TOKEN, "access_token": token, "expires_in": TOKEN_MS // 1000})

    def authorise(self, request):
        token = (request.header("Authorization") or "").removeprefix("Bearer ")
        if token == STATIC_TOKEN or self.tokens.is_good(token, self.clock.now()):
            return
        if self.tokens.is_known(token):
            raise errors.refusal(401, "The OAuth token used to make this call expired.", "EXPIRED_AUTHENTICATION")
        raise errors.refusal(401, "Authentication credentials not found. This API supports OAuth 2.0 authentication.", "INVALID_AUTHENTICATION")

    def limit(self, request, kind):
        now = self.clock.now()
        if kind == "search" and not self.searches.take(now):
            raise self._limited("SECONDLY", "secondly")
        if not self.burst.take(now):
            raise self._limited("TEN_SECONDLY_ROLLING", "ten_secondly_rolling")
        if not self.daily.take(now):
            raise self._limited("DAILY", "daily")

    @staticmethod
    def _limited(policy, words, headers=None):
        made = errors.refusal(429, f"You have reached your {words} limit.", "RATE_LIMITS")
        made.reply.body |= {"errorType": "RATE_LIMIT", "policyName": policy}
        made.reply.headers = headers or {}
        return made

    def headers(self, kind):
        """What is left. Searches do not tell (clients' reports)."""
        trace = {"X-HubSpot-Correlation-Id": str(uuid.UUID(int=self.random.getrandbits(128)))}
        if kind in ("search", "token"):
            return trace
        return trace | {
            "X-HubSpot-RateLimit-Max": self.burst.count, "X-HubSpot-RateLimit-Remaining": self.burst.remaining(),
            "X-HubSpot-RateLimit-Interval-Milliseconds": self.burst.interval_ms, "X-HubSpot-RateLimit-Daily": self.daily.count,
            "X-HubSpot-RateLimit-Daily-Remaining": self.daily.remaining(self.clock.now()),
        }

    def fault_reply(self, fault, kind):
        if fault.name == "rate-limit":
            wait = {} if fault.argument in (None, "none") else {"Retry-After": fault.argument}
            return self._limited("SECONDLY" if kind == "search" else "TEN_SECONDLY_ROLLING", "ten_secondly_rolling", wait).reply
        if fault.name == "daily-quota":
            self.daily.spend(self.clock.now())
            return self._limited("DAILY", "daily").reply
        if fault.name == "expire-page":
            return errors.refusal(400, "The after parameter is not valid", "VALIDATION_ERROR").reply
        status = 200 if fault.name == "ok-error" else int(fault.number(503))
        return Reply(status, errors.body("internal error", "INTERNAL_ERROR"))

    def not_found(self, request):
        return Reply(404, errors.body(f"No resource at {request.path}", "OBJECT_NOT_FOUND"))

    def bad_request(self, message):
        return Reply(400, errors.body(f"Invalid input JSON: {message}", "VALIDATION_ERROR"))

    # Descriptions

    def list_properties(self, request):
        return Reply(200, {"results": [one.described(self.born) for one in self.properties[self.kind(request.parts["type"])].values()]})

    def get_property(self, request):
        found = self.properties[self.kind(request.parts["type"])].get(request.parts["name"])
        if found is None:
            raise errors.missing()
        return Reply(200, found.described(self.born))

    def create_property(self, request):
        kind, body = self.kind(request.parts["type"]), request.object()
        if not all(body.get(name) for name in ("name", "label", "type", "fieldType", "groupName")):
            raise errors.refusal(400, "Invalid property", "VALIDATION_ERROR")
        if body["name"] in self.properties[kind]:
            raise errors.refusal(409, f"Property named {body['name']} already exists", "OBJECT_ALREADY_EXISTS")
        made = Property(
            body["name"], body["type"], body["fieldType"], body["label"], [option["value"] for option in body.get("options") or []],
            body.get("hasUniqueValue", False), is_own=False, group=body["groupName"])
        self.properties[kind][made.name] = made
        return Reply(201, made.described(self.clock.now()))

    def list_owners(self, request):
        stamp = utc_ms(self.born)
        owners = [{"id": str(41629779 + number), "email": f"owner{number}@standin.example", "firstName": "Owner", "lastName": str(number),
                   "userId": 9000 + number, "createdAt": stamp, "updatedAt": stamp, "archived": False, "type": "PERSON"} for number in range(3)]
        wanted = request.query.get("email")
        return Reply(200, {"results": [owner for owner in owners if wanted in (None, owner["email"])]})

    def account(self, request):
        return Reply(200, {"portalId": self.portal_id, "timeZone": "Asia/Shanghai", "utcOffsetMilliseconds": self.options.zone * 60_000})

    # Records

    def seed_fields(self, kind, number):
        if kind == "companies":
            return {"name": f"Company {number}", "domain": f"company{number}.example", "city": "杭州"}
        if kind == "deals":
            return {"dealname": f"Deal {number}", "amount": str(1000 + number), "dealstage": "qualifiedtobuy", "pipeline": "default"}
        if kind != "contacts":
            return {"hs_call_title": f"Call {number}"} if kind == "calls" else {"subject": f"Subject {number}"}
        return {"email": f"contact{number}@standin.example", "firstname": f"First{number}", "lastname": f"Last{number}",
                "phone": f"+86138{number:08d}", "company": f"Company {number % 1000}", "lifecyclestage": "lead"}

    def merge_records(self, winner, loser, actor="person"):
        super().merge_records(winner, loser, actor)
        merged = list(filter(None, (winner.fields.get("hs_merged_object_ids") or "").split(";"))) + [loser.id]
        winner.fields["hs_merged_object_ids"] = ";".join(merged)

    # Webhooks

    def events(self, what, record, changed):
        return change_event(self, what, record, changed)

    def webhook_batches(self, events):
        return [events[begin: begin + WEBHOOK_EVENTS_MAXIMUM] for begin in range(0, len(events), WEBHOOK_EVENTS_MAXIMUM)]

    def webhook_signed(self, url, body, secret):
        """Signatures of version 1 and 3; the latter covers method, address, body and time."""
        stamp = str(self.clock.now())
        signed = hmac.new(secret.encode(), f"POST{url}".encode() + body + stamp.encode(), hashlib.sha256).digest()
        return url, {"X-HubSpot-Signature": hashlib.sha256(secret.encode() + body).hexdigest(), "X-HubSpot-Signature-Version": "v1",
                     "X-HubSpot-Request-Timestamp": stamp, "X-HubSpot-Signature-v3": base64.b64encode(signed).decode()}

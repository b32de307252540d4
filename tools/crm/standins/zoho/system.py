"""The Zoho CRM stand-in, version 8 of the API: paths, tokens, credits, errors, notifications.

Sources: Zoho's OpenAPI documents (zoho/crm-oas, version 8.0), its API documentation, the requests of its Python SDK.
"""

from ..clock import parse, with_offset
from ..exchange import Refusal, Reply
from ..limits import DailyQuota
from ..standin import Route, Standin
from .modules import MODULES, defined
from .reads import Reads
from .writes import Writes

CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN = "standin-client", "standin-secret", "standin-refresh"
TOKEN_MS = 3_600_000
FIRST_ID = 4_150_868_000_003_194_003
WATCH_TOKEN_MAXIMUM = 50
BASE = r"/crm/v[2-8](?:\.1)?"


class Zoho(Standin):
    """Zoho CRM. Stamps are whole seconds with the offset of the user."""

    name = "zoho"
    phone_fields = frozenset({"Phone", "Mobile"})
    first_kind = "Contacts"
    user = {"name": "Standin", "id": "4150868000000225013", "email": "sync@standin.example"}

    def make_routes(self):
        self.store.resolution_ms = 1000
        self.credits = DailyQuota(self.options.daily or 50_000)
        self.fields, self.channels = defined(), {}
        reads, writes = Reads(self), Writes(self)
        module = BASE + r"/(?P<module>[A-Z]\w+)"
        return [
            Route("POST", "/oauth/v2/token", "token", self.give_token, is_open=True),
            Route("GET", BASE + "/users", "users", self.users),
            Route("GET", BASE + "/org", "org", self.organization),
            Route("GET", BASE + "/settings/fields", "fields", self.list_fields),
            Route("GET", BASE + "/settings/modules", "modules", self.list_modules),
            Route("POST", BASE + "/coql", "coql", reads.coql),
            Route("POST", BASE + "/actions/watch", "watch", self.watch),
            Route("GET", module + "/deleted", "deleted", reads.deleted),
            Route("GET", module + "/search", "search", reads.search),
            Route("GET", module + "/actions/count", "count", self.count),
            Route("POST", module + "/upsert", "batch-upsert", writes.upsert),
            Route("GET", module, "list", reads.list),
            Route("POST", module, "batch-create", writes.insert),
            Route("PUT", module, "batch-update", writes.update),
            Route("DELETE", module, "batch-delete", writes.delete),
            Route("GET", module + r"/(?P<id>[^/]+)", "get", writes.get),
            Route("PUT", module + r"/(?P<id>[^/]+)", "update", writes.update_one),
            Route("DELETE", module + r"/(?P<id>[^/]+)", "delete", writes.delete),
        ]

    def make_id(self, kind, number):
        # Ids of all modules are drawn from one sequence.
        return str((self.options.id_base or FIRST_ID) + number * len(MODULES) + list(MODULES).index(kind))

    def order_of(self, identifier):
        return int(identifier)

    def time(self, stamp):
        return with_offset(stamp, self.options.zone)

    def known(self, name):
        if name not in self.fields:
            raise self.refusal(400, "INVALID_MODULE", "The module name given seems to be invalid", {"resource_path_index": 0})
        return name

    def module(self, request):
        return self.known(request.parts["module"])

    @staticmethod
    def error(code, message, details=None):
        return {"code": code, "details": details or {}, "message": message, "status": "error"}

    def refusal(self, status, code, message, details=None):
        return Refusal(Reply(status, self.error(code, message, details)))

    # Tokens and credits

    def give_token(self, request):
        """A wrong token is told with status 200 (unverified)."""
        form = request.query | request.form()
        if form.get("client_id") != CLIENT_ID or form.get("client_secret") != CLIENT_SECRET:
            return Reply(200, {"error": "invalid_client"})
        if form.get("refresh_token", form.get("code")) != REFRESH_TOKEN:
            return Reply(200, {"error": "invalid_code"})
        made = {"access_token": "1000." + self.tokens.issue(self.clock.now(), TOKEN_MS), "scope": "ZohoCRM.modules.ALL", "api_domain": self.url,
                "token_type": "Bearer", "expires_in": TOKEN_MS // 1000}
        return Reply(200, made | ({"refresh_token": REFRESH_TOKEN} if form.get("grant_type") == "authorization_code" else {}))

    def authorise(self, request):
        token = (request.header("Authorization") or "")
        if not token.startswith("Zoho-oauthtoken "):
            raise self.refusal(401, "AUTHENTICATION_FAILURE", "Authentication failed")
        if not self.tokens.is_good(token.rpartition("1000.")[2], self.clock.now()):
            raise self.refusal(401, "INVALID_TOKEN", "invalid oauth token")

    def limit(self, request, kind):
        """A credit for a call, one for every 10 records that are written. The real count is over 24 rolling hours."""
        cost = 1
        if kind.startswith("batch-") and request.body:
            rows = request.object().get("data")
            cost = max(1, (len(rows) + 9) // 10) if isinstance(rows, list) else 1
        if not self.credits.take(self.clock.now(), cost):
            raise self._limited()

    def _limited(self):
        return self.refusal(429, "TOO_MANY_REQUESTS", "too many requests")

    def headers(self, kind):
        """Credits are told from the half on, and nothing ever says when to try again."""
        left = self.credits.remaining(self.clock.now())
        return {"X-API-CREDITS-REMAINING": left} if left * 2 <= self.credits.count else {}

    def fault_reply(self, fault, kind):
        if fault.name in ("rate-limit", "daily-quota"):
            if fault.name == "daily-quota":
                self.credits.spend(self.clock.now())
            return self._limited().reply
        if fault.name == "expire-page":
            return self.refusal(400, "INVALID_DATA", "the page_token given is invalid", {"param_name": "page_token"}).reply
        status = 200 if fault.name == "ok-error" else int(fault.number(500))
        return self.refusal(status, "INTERNAL_ERROR", "Internal Server Error").reply

    def not_found(self, request):
        return self.refusal(404, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one").reply

    def bad_request(self, message):
        return self.refusal(400, "INVALID_DATA", message).reply

    # Descriptions

    def users(self, request):
        one = {"id": self.user["id"], "email": self.user["email"], "full_name": "Standin", "first_name": "Stand", "last_name": "In",
               "status": "active", "locale": "zh_CN", "time_zone": "Asia/Shanghai"}
        others = [one | {"id": str(int(one["id"]) + number), "email": f"owner{number}@standin.example", "full_name": f"Owner {number}",
                         "first_name": "Owner", "last_name": str(number)} for number in (1, 2)]
        return Reply(200, {"users": [one, *others], "info": {"per_page": 200, "count": 3, "page": 1, "more_records": False}})

    def organization(self, request):
        return Reply(200, {"org": [{"id": "4150868000000225000", "company_name": "Standin", "zgid": "700000001", "country": "China",
                                    "currency": "Chinese Yuan - CNY", "time_zone": "Asia/Shanghai", "type": "production"}]})

    def list_fields(self, request):
        fields = self.fields[self.known(request.query.get("module", ""))]
        return Reply(200, {"fields": [field.described(number) for number, field in enumerate(fields.values())]})

    def list_modules(self, request):
        return Reply(200, {"modules": [{
            "api_name": name, "module_name": name, "singular_label": name[:-1], "plural_label": name, "id": str(4150868000000001000 + number),
            "api_supported": True, "creatable": True, "editable": True, "deletable": True, "viewable": True, "visibility": 1,
            "generated_type": "default", "status": "visible"} for number, name in enumerate(MODULES)]})

    def count(self, request):
        return Reply(200, {"count": len(self.store.live(self.module(request)))})

    # Records

    def display_name(self, record):
        fields = record.fields
        if record.kind in ("Contacts", "Leads"):
            return " ".join(filter(None, (fields.get("First_Name"), fields.get("Last_Name"))))
        return fields.get("Account_Name") or fields.get("Deal_Name") or fields.get("Subject") or ""

    def shown(self, record, names):
        """The fields that were asked for, and the id; a name that the module does not have is left out."""
        own = {"Created_Time": self.time(record.created), "Modified_Time": self.time(record.modified), "Created_By": self.user,
               "Modified_By": self.user, "Full_Name": self.display_name(record), "Owner": self.user, "Tag": []}
        made = {"id": record.id}
        for name in names:
            if name in self.fields[record.kind]:
                made[name] = record.fields.get(name, own.get(name)) if name in ("Owner", "Tag") else own.get(name, record.fields.get(name))
        return made

    def seed_fields(self, kind, number):
        if kind == "Accounts":
            return {"Account_Name": f"Company {number}", "Phone": f"+86571{number:08d}", "Billing_City": "杭州"}
        if kind in ("Deals", "Calls"):
            return {"Deal_Name" if kind == "Deals" else "Subject": f"{kind[:-1]} {number}"}
        return {"First_Name": f"First{number}", "Last_Name": f"Last{number}", "Email": f"contact{number}@standin.example", "Mobile": f"+86138{number:08d}"}

    # Notifications: the channel's token in the body is all that shows who sends.

    def watch(self, request):
        items = []
        for one in request.object().get("watch") or []:
            until = parse(one.get("channel_expiry", "")) or self.clock.now() + 3_600_000
            if not one.get("notify_url") or len(one.get("token") or "") > WATCH_TOKEN_MAXIMUM:
                items.append(self.error("INVALID_DATA", "invalid data", {"api_name": "notify_url"}))
                continue
            self.channels[str(one["channel_id"])] = one | {"until": until}
            self.webhooks.url = one["notify_url"]
            events = [{"channel_expiry": self.time(until), "resource_uri": f"{self.url}/crm/v8/{event.partition('.')[0]}", "resource_id": "1",
                       "resource_name": event.partition(".")[0], "channel_id": one["channel_id"]} for event in one.get("events") or []]
            items.append({"code": "SUCCESS", "details": {"events": events}, "message": "Successfully subscribed for actions-watch of the given module",
                          "status": "success"})
        return Reply(201 if all(item["status"] == "success" for item in items) else 202, {"watch": items})

    def events(self, what, record, changed):
        operation = {"create": "insert", "update": "update", "delete": "delete", "restore": "insert", "merge": "update"}[what]
        return [{
            "server_time": record.modified, "query_params": {}, "module": record.kind, "resource_uri": f"{self.url}/crm/v8/{record.kind}",
            "ids": [record.id], "affected_fields": [{record.id: list(changed)}] if what == "update" else [], "operation": operation,
            "channel_id": channel["channel_id"], "token": channel.get("token"),
        } for channel in self.channels.values()
            if channel["until"] > self.clock.now() and any(event.startswith(record.kind + ".") for event in channel.get("events") or [])]

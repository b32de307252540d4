"""The Salesforce stand-in: paths, sessions, limits, errors.

Sources: Salesforce's REST API developer guide, its SOQL reference and its help on OAuth flows; item error texts are unverified.
"""

import base64
import json

from ..clock import DAY_MS
from ..exchange import Refusal, Reply
from ..limits import DailyQuota
from ..standin import Route, Standin
from . import objects
from .queries import Queries
from .writes import Writes

SESSION, REFRESH_TOKEN = "standin-session", "standin-refresh"
CLIENT_ID, CLIENT_SECRET = "standin-client", "standin-secret"
SESSION_MS = 7_200_000
DATA = r"/services/data/(?P<version>v\d+\.0)"


class Salesforce(Standin):
    """Salesforce. Stamps are whole seconds."""

    name = "salesforce"
    phone_fields = frozenset({"Phone", "MobilePhone"})
    first_kind = "Contact"
    user = "0055g00000standAAA"

    def make_routes(self):
        self.store.resolution_ms = 1000
        self.daily = DailyQuota(self.options.daily or 100_000)
        # When a person or a client last changed a record: what the system itself changes moves SystemModstamp alone.
        self.edited = {}
        self.store.listeners.append(self._note_edit)
        self.store.listeners.append(self._keep_relation)
        self.log_begins = self.clock.now() - 15 * DAY_MS
        for number in range(3):
            self.store.create("User", {"Name": f"Owner {number}", "Email": f"owner{number}@standin.example", "IsActive": True}, actor="system")
        queries, writes = Queries(self), Writes(self)
        one = DATA + r"/sobjects/(?P<object>\w+)"
        many = DATA + r"/composite/sobjects"
        return [
            Route("POST", "/services/oauth2/token", "token", self.give_token, is_open=True),
            Route("GET", "/services/data/?", "versions", self.versions, is_open=True),
            Route("GET", DATA + "/limits/?", "limits", self.limits),
            Route("GET", DATA + "/query/?", "query", queries.query(False)),
            Route("GET", DATA + "/queryAll/?", "query", queries.query(True)),
            Route("GET", DATA + r"/query/(?P<locator>[\w-]+)", "query-more", queries.more),
            Route("GET", DATA + "/sobjects/?", "describe", self.describe_all),
            Route("GET", one + "/describe/?", "describe", self.describe),
            Route("GET", one + "/updated/?", "updated", queries.updated),
            Route("GET", one + "/deleted/?", "deleted", queries.deleted),
            Route("POST", one + "/?", "create", writes.create),
            Route("GET", one + r"/(?P<id>\w+)", "get", writes.get),
            Route("PATCH", one + r"/(?P<id>\w+)", "update", writes.update),
            Route("DELETE", one + r"/(?P<id>\w+)", "delete", writes.delete),
            Route("GET", one + r"/(?P<field>\w+__c)/(?P<value>.+)", "get", writes.get_external),
            Route("PATCH", one + r"/(?P<field>\w+__c)/(?P<value>.+)", "upsert", writes.upsert),
            Route("PATCH", many + r"/(?P<object>\w+)/(?P<field>\w+)", "batch-upsert", writes.upsert_many),
            Route("POST", many + "/?", "batch-create", writes.create_many),
            Route("PATCH", many + "/?", "batch-update", writes.update_many),
            Route("DELETE", many + "/?", "batch-delete", writes.delete_many),
            Route("POST", many + r"/(?P<object>\w+)", "batch-read", writes.read_many),
        ]

    def make_id(self, kind, number):
        return objects.numbered_id(kind, number)

    def kind(self, name):
        if name == "AccountContactRelation" and "no-relations" in self.faults.conditions:
            raise self.refusal(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.")
        if name not in objects.FIELDS:
            raise self.refusal(404, "NOT_FOUND", "The requested resource does not exist")
        return name

    def record(self, kind, identifier):
        """The record of an id of 15 or 18 characters; of any kind where none is given."""
        long = objects.long_id(identifier) if len(identifier) == 15 else identifier
        kind = kind or next((one for one, prefix in objects.PREFIXES.items() if long.startswith(prefix)), "")
        record = self.store.find(kind, long)
        return None if record is None or record.is_purged else record

    def _note_edit(self, what, record, changed):
        if record.actor != "system":
            self.edited[record.id] = record.modified

    def _keep_relation(self, what, record, changed):
        """A contact's lookup and its relations: each account that it names gets one, which is direct as long as it names it. A contact without
        an account is private and has none."""
        if record.kind != "Contact" or not record.is_live or "no-relations" in self.faults.conditions:
            return
        account, kind = record.fields.get("AccountId"), "AccountContactRelation"
        held = [one for one in self.store.all(kind) if one.is_live and one.fields.get("ContactId") == record.id]
        for one in held:
            if not account:
                self.store.delete(one, actor="system")
            elif one.fields["IsDirect"] != (one.fields["AccountId"] == account):
                self.store.update(one, {"IsDirect": one.fields["AccountId"] == account}, actor="system")
        if account and not any(one.fields["AccountId"] == account for one in held):
            self.store.create(kind, {"AccountId": account, "ContactId": record.id, "IsDirect": True, "IsActive": True}, actor="system")

    @staticmethod
    def refusal(status, code, message, headers=None):
        return Refusal(Reply(status, [{"message": message, "errorCode": code}], headers))

    # Sessions and limits

    def give_token(self, request):
        form = request.form()
        fault = {
            "client_credentials": lambda: form.get("client_id") != CLIENT_ID or form.get("client_secret") != CLIENT_SECRET,
            "refresh_token": lambda: form.get("refresh_token") != REFRESH_TOKEN,
            "urn:ietf:params:oauth:grant-type:jwt-bearer": lambda: not self._is_assertion(form.get("assertion", "")),
        }.get(form.get("grant_type"))
        if fault is None:
            return Reply(400, {"error": "unsupported_grant_type", "error_description": "grant type not supported"})
        if fault():
            return Reply(400, {"error": "invalid_grant", "error_description": "authentication failure"})
        token = "00D5g000000STND!" + self.tokens.issue(self.clock.now(), SESSION_MS)
        return Reply(200, {"access_token": token, "instance_url": self.url, "id": f"{self.url}/id/00D5g000000STND/{self.user}",
                           "token_type": "Bearer", "scope": "api", "issued_at": str(self.clock.now()), "signature": "none"})

    def _is_assertion(self, text):
        """Whether a JWT names its issuer and ends within three minutes, in seconds. Its signature is not looked at."""
        parts = text.split(".")
        try:
            claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
            left = float(claims["exp"]) - self.clock.now() / 1000
        except (IndexError, KeyError, TypeError, ValueError):
            return False
        return len(parts) == 3 and 0 < left <= 300 and bool(claims.get("iss")) and bool(claims.get("sub"))

    def authorise(self, request):
        token = (request.header("Authorization") or "").removeprefix("Bearer ")
        if token != SESSION and not self.tokens.is_good(token.rpartition("!")[2], self.clock.now()):
            raise self.refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")

    def limit(self, request, kind):
        if not self.daily.take(self.clock.now()):
            raise self._spent()

    def _spent(self):
        return self.refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")

    def headers(self, kind):
        if kind in ("token", "versions"):
            return {}
        return {"Sforce-Limit-Info": f"api-usage={self.daily.used}/{self.daily.count}"}

    def fault_reply(self, fault, kind):
        if fault.name == "daily-quota":
            self.daily.spend(self.clock.now())
            return self._spent().reply
        if fault.name == "rate-limit":
            # There is no 429 here: too many long requests at once are refused so.
            return self.refusal(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.").reply
        if fault.name == "expire-page":
            return self.refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator").reply
        status = 200 if fault.name == "ok-error" else int(fault.number(503))
        return self.refusal(status, "SERVER_UNAVAILABLE", "Server is temporarily unavailable").reply

    def not_found(self, request):
        return self.refusal(404, "NOT_FOUND", "The requested resource does not exist").reply

    def bad_request(self, message):
        return self.refusal(400, "JSON_PARSER_ERROR", message).reply

    # Descriptions

    def versions(self, request):
        return Reply(200, [{"label": "Spring", "url": f"/services/data/v{number}.0", "version": f"{number}.0"} for number in range(59, 68)])

    def limits(self, request):
        return Reply(200, {"DailyApiRequests": {"Max": self.daily.count, "Remaining": self.daily.remaining(self.clock.now())}})

    def describe_all(self, request):
        shown = [{name: value for name, value in objects.described(kind).items() if name != "fields"} for kind in objects.FIELDS]
        return Reply(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": shown})

    def describe(self, request):
        return Reply(200, objects.described(self.kind(request.parts["object"])))

    # Records

    def seed_fields(self, kind, number):
        if kind == "Account":
            return {"Name": f"Company {number}", "Phone": f"+86571{number:08d}", "BillingCity": "杭州"}
        if kind == "Opportunity":
            return {"Name": f"Deal {number}", "StageName": "Prospecting", "CloseDate": "2026-12-31", "Amount": 1000 + number}
        if kind in ("Case", "Task"):
            return {"Subject": f"Subject {number}"}
        return {"FirstName": f"First{number}", "LastName": f"Last{number}", "Email": f"contact{number}@standin.example", "MobilePhone": f"+86138{number:08d}",
                **({"Company": f"Company {number % 1000}"} if kind == "Lead" else {})}

"""The 纷享销客 (Fxiaoke) stand-in: everything is answered with status 200, and `errorCode` says what became of it.

Sources: the vendor's open platform documentation (openapi_v2) as third parties have noted it, and replies that they have recorded
without credentials. Field names, the describing calls and what becomes of the deleted are unverified.
"""

import re
import uuid

from .conditions import And, Condition
from .exchange import BadRequest, Refusal, Reply
from .limits import DailyQuota, RollingLimit
from .standin import Route, Standin

APP_ID, APP_SECRET, PERMANENT_CODE, ACCOUNT, USER = "FSAID_standin", "standin-secret", "standin-code", "standin1", "1000"
TOKEN_SECONDS, SAME_TOKEN_SECONDS = 7200, 6600
LIMIT_MAXIMUM, OFFSET_MAXIMUM = 100, 10_000
OK, BAD_PARAMETER, BAD_TOKEN, NO_TOKEN, BUSY, TOO_OFTEN, DAY_SPENT = 0, 10006, 20016, 20017, -1, 30004, 30002
OPERATIONS = {
    "EQ": "eq", "N": "ne", "GT": "gt", "GTE": "ge", "LT": "lt", "LTE": "le", "LIKE": "contains", "NLIKE": "omits", "IS": "lacks", "ISN": "has",
    "IN": "in", "NIN": "notin", "BETWEEN": "between", "STARTWITH": "starts", "ENDWITH": "ends", "HASANYOF": "in",
}
_SHARED = {"name": "text", "tel": "phone_number", "email": "email", "owner": "employee", "remark": "long_text", "limn_id__c": "text"}
FIELDS = {
    "AccountObj": _SHARED | {"address": "text", "industry_level1": "select_one", "account_type": "select_one", "account_level": "select_one", "url": "url",
                             "annual_revenue": "currency"},
    "ContactObj": _SHARED | {"mobile1": "phone_number", "account_id": "object_reference", "job_title": "text", "department": "text",
                             "gender": "select_one", "date_of_birth": "date"},
    "LeadsObj": _SHARED | {"mobile": "phone_number", "company": "text", "source": "select_one", "leads_status": "select_one"},
    "NewOpportunityObj": {"name": "text", "account_id": "object_reference", "amount": "currency", "owner": "employee", "close_date": "date"},
}
SYSTEM = ("_id", "create_time", "last_modified_time", "life_status", "record_type", "object_describe_api_name", "tenant_id")
TWIN = re.compile(r".+__[rolvp]$")


class Fxiaoke(Standin):
    """纷享销客, both generations of credentials."""

    name = "fxiaoke"
    phone_fields = frozenset({"tel", "mobile1", "mobile"})
    first_kind = "AccountObj"

    def make_routes(self):
        self.token, self.token_born, self.asking = None, 0, RollingLimit(10, 60_000)
        self.daily = DailyQuota(self.options.daily or 100_000, 480)
        self.interfaces = {}
        data = r"/cgi/crm/(?P<custom>custom/)?v2/data/"
        return [
            Route("POST", r"/oauth2\.0/token", "token", self.give_token, is_open=True),
            Route("POST", r"/cgi/corpAccessToken/get/V2", "token", self.give_old_token, is_open=True),
            Route("POST", data + "query", "query", self.query),
            Route("POST", data + "get", "get", self.get),
            Route("POST", data + "create", "create", self.create),
            Route("POST", data + "update", "update", self.update),
            Route("POST", data + "changeOwner", "change-owner", self.change_owner),
            Route("POST", data + "invalid", "invalid", self.invalidate),
            Route("POST", data + "delete", "delete", self.delete),
            Route("POST", data + "recover", "recover", self.recover),
            Route("POST", r"/cgi/crm/v2/object/list", "describe", self.describe_all),
            Route("POST", r"/cgi/crm/v2/object/describe", "describe", self.describe),
        ]

    def make_id(self, kind, number):
        # 24 hexadecimal digits whose order is that of making, as an object id has.
        return f"{0x6503e8a0:08x}{sum(kind.encode()) & 0xffff:04x}{number:012x}"

    # Envelopes

    def envelope(self, code=OK, message="OK", **more):
        return {"traceId": f"E-O.{ACCOUNT}.{USER}-{uuid.UUID(int=self.random.getrandbits(128)).hex[:16]}", "errorDescription": "success" if code == OK
                else message, "errorMessage": message, "errorCode": code} | more

    def done(self, **more):
        return Reply(200, self.envelope(**more))

    def refusal(self, code, message):
        return Refusal(Reply(200, self.envelope(code, message)))

    def not_found(self, request):
        return Reply(200, self.envelope(BAD_PARAMETER, f"no interface {request.path}"))

    def bad_request(self, message):
        return Reply(200, self.envelope(BAD_PARAMETER, message))

    def fault_reply(self, fault, kind):
        if fault.name == "daily-quota":
            self.daily.spend(self.clock.now())
            return Reply(200, self.envelope(DAY_SPENT, "day limit"))
        code, message = {
            "rate-limit": (TOO_OFTEN, "frequency limit"), "expire-page": (BAD_PARAMETER, "offset is illegal"), "ok-error": (BUSY, "system busy"),
        }.get(fault.name, (BUSY, "system busy"))
        return Reply(200, self.envelope(code, message))

    # Tokens and limits

    def _token(self):
        """The same token for 6,600 s; then another, and both are good."""
        now = self.clock.now()
        if not self.asking.take(now):
            raise self.refusal(TOO_OFTEN, "token interface frequency limit")
        age = now - self.token_born
        if self.token is None or age >= SAME_TOKEN_SECONDS * 1000 or not self.tokens.is_good(self.token, now):
            self.token, self.token_born, age = self.tokens.issue(now, TOKEN_SECONDS * 1000), now, 0
        return self.token, TOKEN_SECONDS - age // 1000

    def give_token(self, request):
        body = request.object()
        if (body.get("appId"), body.get("appSecret"), body.get("permanentCode"), body.get("grantType")) != (
                APP_ID, APP_SECRET, PERMANENT_CODE, "app_secret"):
            raise self.refusal(BAD_PARAMETER, "the parameter appSecret is missing or illegal")
        token, left = self._token()
        return self.done(accessToken=token, expiresIn=left, ea=ACCOUNT, appId=APP_ID, openUserId="FSCID_standin")

    def give_old_token(self, request):
        body = request.object()
        if (body.get("appId"), body.get("appSecret"), body.get("permanentCode")) != (APP_ID, APP_SECRET, PERMANENT_CODE):
            raise self.refusal(BAD_PARAMETER, "the parameter appSecret is missing or illegal")
        token, left = self._token()
        return self.done(corpAccessToken=token, corpId=ACCOUNT, expiresIn=left)

    def authorise(self, request):
        body = request.object()
        if "thirdTraceId" not in request.query:
            self.marks["without-trace-id"] += 1
        header = request.header("authorization")
        if header and "corpAccessToken" in body:
            raise self.refusal(BAD_PARAMETER, "two kinds of credentials")
        token = header.removeprefix("Bearer ") if header else body.get("corpAccessToken")
        if not token:
            raise self.refusal(NO_TOKEN, "corpAccessToken为必填项，不能为空")
        account, user = (request.header("x-fs-ea"), request.header("x-fs-userid")) if header else (body.get("corpId"), body.get("currentOpenUserId"))
        if not self.tokens.is_good(token, self.clock.now()) or account != ACCOUNT or not user:
            raise self.refusal(BAD_TOKEN, "the cropId,cropAccessToken or authorization is error")

    def limit(self, request, kind):
        """100 calls in 20 s to each interface, and what was bought for the day."""
        now = self.clock.now()
        if not self.interfaces.setdefault(kind, RollingLimit(100, 20_000)).take(now):
            raise self.refusal(TOO_OFTEN, "frequency limit")
        if not self.daily.take(now):
            raise self.refusal(DAY_SPENT, "day limit")

    # Reading

    def _data(self, request):
        """The body's `data` and the object that it names. Custom objects have an address of their own."""
        data = request.object().get("data")
        if not isinstance(data, dict):
            raise BadRequest("data is missing")
        name = data.get("dataObjectApiName") or (data.get("object_data") or {}).get("dataObjectApiName")
        is_custom = str(name).endswith("__c")
        if not name or not (is_custom or name in FIELDS) or is_custom != bool(request.parts.get("custom")):
            raise self.refusal(BAD_PARAMETER, "dataObjectApiName is illegal")
        return data, name

    def shown(self, record, names=None, has_nulls=False):
        """What a field of no value has is not there, unless nulls are asked for; the owner comes with its twin for reading."""
        own = {"_id": record.id, "create_time": record.created, "last_modified_time": record.modified, "life_status": "normal",
               "record_type": "default__c", "object_describe_api_name": record.kind, "tenant_id": "700001", "owner": record.fields.get("owner") or [USER]}
        made = {name: value for name, value in (record.fields | own).items() if value not in (None, "") or has_nulls}
        if has_nulls:
            made = {name: None for name in FIELDS.get(record.kind, {})} | made
        made["owner__r"] = {"id": made["owner"][0], "name": "standin"}
        return {name: value for name, value in made.items() if name in names or name == "_id"} if names else made

    def query(self, request):
        data, kind = self._data(request)
        asked = data.get("search_query_info") or {}
        limit, offset = asked.get("limit", 20), asked.get("offset", 0)
        if not isinstance(limit, int) or not 1 <= limit <= LIMIT_MAXIMUM:
            raise self.refusal(BAD_PARAMETER, f"limit must be from 1 to {LIMIT_MAXIMUM}")
        if not isinstance(offset, int) or offset % limit or offset > OFFSET_MAXIMUM:
            raise self.refusal(BAD_PARAMETER, "offset is illegal")
        condition = And(*(self._filter(one) for one in asked.get("filters") or []))
        orders = asked.get("orders") or []
        wants_total = bool(data.get("find_explicit_total_num"))
        if [one.get("fieldName") for one in orders] == ["_id"] and orders[0].get("isAsc") and not wants_total:
            found = self.store.in_order(kind, condition, offset + limit)
        else:
            found = self._sorted(self.store.select(kind, condition, is_indexed=True), orders)
        rows = found[offset: offset + limit]
        shown = [self.shown(record, asked.get("fieldProjection") or data.get("fieldProjection"), data.get("includeNull", False)) for record in rows]
        return self.done(data={"dataList": shown, "offset": offset, "limit": limit, "total": len(found) if wants_total else 0})

    @staticmethod
    def _sorted(found, orders):
        keys = {"_id": lambda record: record.id, "last_modified_time": lambda record: record.modified, "create_time": lambda record: record.created}
        for one in reversed(orders):
            name = one.get("fieldName")
            key = keys.get(name, lambda record, name=name: str(record.fields.get(name) or ""))
            found = sorted(found, key=key, reverse=not one.get("isAsc", True))
        return found

    def _filter(self, one):
        name, operation, values = one.get("field_name"), OPERATIONS.get(one.get("operator")), one.get("field_values") or []
        if not name or operation is None or not isinstance(values, list) or (not values and operation not in ("has", "lacks")):
            raise self.refusal(BAD_PARAMETER, "filters is illegal")
        field = {"_id": "@id", "last_modified_time": "@modified", "create_time": "@created"}.get(name, name)
        if field in ("@modified", "@created"):
            if not all(str(value).lstrip("-").isdigit() for value in values):
                raise self.refusal(BAD_PARAMETER, f"{name} takes milliseconds")
            values = [int(value) for value in values]
        if operation in ("in", "notin"):
            return Condition(field, operation, values)
        return Condition(field, operation, tuple(values) if operation == "between" else values[0] if values else None)

    def get(self, request):
        data, kind = self._data(request)
        return self.done(data=self.shown(self._demand(kind, data.get("objectDataId")), has_nulls=data.get("includeNull", False)))

    def _demand(self, kind, identifier, is_invalid=False):
        record = self.store.find(kind, str(identifier))
        if record is None or record.is_purged or record.merged_into or (record.deleted is not None) != is_invalid:
            raise self.refusal(BAD_PARAMETER, "数据不存在或已作废")
        return record

    # Writing: one record each

    def _note_triggers(self, body):
        """Approval and work flows start unless both are told not to."""
        if body.get("triggerWorkFlow") is not False or body.get("triggerApprovalFlow") is not False:
            self.marks["write-with-triggers"] += 1

    def _kept(self, kind, values):
        kept = {}
        for name, value in values.items():
            if TWIN.match(name) or name in SYSTEM or name == "dataObjectApiName":
                continue
            if kind in FIELDS and name not in FIELDS[kind] and not name.endswith("__c"):
                raise self.refusal(BAD_PARAMETER, f"field {name} does not exist")
            if FIELDS.get(kind, {}).get(name) == "currency" and isinstance(value, (int, float)):
                value = str(value)
            kept[name] = value
        return self.clean(kept)

    def create(self, request):
        body = request.object()
        data, kind = self._data(request)
        values = data.get("object_data")
        if not isinstance(values, dict) or values.get("dataObjectApiName") != kind:
            raise self.refusal(BAD_PARAMETER, "object_data.dataObjectApiName is missing")
        if not values.get("name"):
            raise self.refusal(BAD_PARAMETER, "name为必填项，不能为空")
        self._note_triggers(body)
        record = self.store.create(kind, self._kept(kind, values), actor="client")
        # A custom object's id is not always told (unverified): it is looked for by a key of one's own.
        return self.done() if kind.endswith("__c") else self.done(dataId=record.id)

    def update(self, request):
        body = request.object()
        data, kind = self._data(request)
        values = data.get("object_data") or {}
        record = self._demand(kind, values.get("_id"))
        self._note_triggers(body)
        kept = self._kept(kind, values)
        if kept.pop("owner", None) is not None:
            self.marks["owner-in-update"] += 1
        self.store.update(record, kept, actor="client")
        return self.done()

    def change_owner(self, request):
        data, kind = self._data(request)
        for one in data.get("Data") or []:
            self.store.update(self._demand(kind, one.get("objectDataId")), {"owner": one.get("ownerId")}, actor="client")
        return self.done()

    def invalidate(self, request):
        data, kind = self._data(request)
        self.store.delete(self._demand(kind, data.get("object_data_id")), actor="client")
        return self.done()

    def delete(self, request):
        """Only what was put out of use before can be deleted."""
        data, kind = self._data(request)
        for identifier in data.get("idList") or []:
            self.store.delete(self._demand(kind, identifier, is_invalid=True), actor="client", purge=True)
        return self.done()

    def recover(self, request):
        data, kind = self._data(request)
        for identifier in data.get("idList") or []:
            self.store.restore(self._demand(kind, identifier, is_invalid=True), actor="client")
        return self.done()

    # Descriptions

    def describe_all(self, request):
        shown = [{"describeApiName": name, "describeDisplayName": name, "isActive": True, "defineType": "package"} for name in FIELDS]
        return self.done(data={"objects": shown})

    def describe(self, request):
        name = request.object().get("apiName") or (request.object().get("data") or {}).get("apiName")
        if name not in FIELDS:
            raise self.refusal(BAD_PARAMETER, "apiName is illegal")
        fields = {field: {"api_name": field, "label": field, "type": form, "is_required": field == "name", "is_active": True,
                          "define_type": "custom" if field.endswith("__c") else "package"} for field, form in FIELDS[name].items()}
        return self.done(data={"describe": {"api_name": name, "display_name": name, "fields": fields}})

    def seed_fields(self, kind, number):
        fields = {"name": f"Company {number}" if kind == "AccountObj" else f"Person {number}", "owner": [USER]}
        if kind in ("AccountObj", "ContactObj", "LeadsObj"):
            fields |= {"tel": f"+86138{number:08d}", "email": f"contact{number}@standin.example"}
        return fields

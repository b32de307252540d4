"""The 简道云 (Jiandaoyun) stand-in, version 5 of the API: forms whose fields are widgets, paging by id, no delta.

Sources: the vendor's open documentation and its demonstration programs. Codes other than 8303, filters on times and the webhook's
order are unverified.
"""

import hashlib

from .clock import parse, utc_ms
from .conditions import And, Condition, Or
from .exchange import BadRequest, Refusal, Reply
from .limits import RollingLimit
from .standin import Route, Standin

API_KEY, APP_ID = "standin-key", "59264073a2a60c0c08e20bfb"
LIMIT_DEFAULT, LIMIT_MAXIMUM, BATCH_MAXIMUM, IN_MAXIMUM = 10, 100, 100, 200
NOT_FOUND, BAD_PARAMETER, BAD_KEY, TOO_OFTEN = 4001, 17017, 8301, 8303
# Entry id, and the widgets: label, type and the alias that a tenant may give.
FORMS = {
    "customers": ("59264073a2a60c0c08e20bfd", {
        "_widget_1001": ("姓名", "text", "name"), "_widget_1002": ("电子邮箱", "text", "email"), "_widget_1003": ("手机", "phone", "mobile"),
        "_widget_1004": ("公司", "text", "company"), "_widget_1005": ("等级", "combo", "level"), "_widget_1006": ("消费额", "number", "spent"),
        "_widget_1007": ("生日", "datetime", "birthday"), "_widget_1008": ("地址", "address", "address"), "_widget_1009": ("负责人", "user", "owner"),
        "_widget_1010": ("外部编号", "text", "limn_id"), "_widget_1011": ("联系记录", "subform", "contacts"),
    }),
    "companies": ("59264073a2a60c0c08e20bfe", {
        "_widget_2001": ("名称", "text", "name"), "_widget_2002": ("电话", "text", "phone"), "_widget_2003": ("外部编号", "text", "limn_id"),
    }),
}
METHODS = {"eq": "eq", "ne": "ne", "in": "in", "nin": "notin", "like": "contains", "gt": "gt", "lt": "lt", "empty": "lacks", "not_empty": "has"}
# Requests in a second to each interface.
RATES = {"list": 30, "get": 30, "create": 20, "update": 20, "delete": 20, "batch-create": 10, "batch-update": 10, "batch-delete": 10, "describe": 30}


class Jiandaoyun(Standin):
    """简道云."""

    name = "jiandaoyun"
    phone_fields = frozenset({"_widget_1003", "_widget_2002"})
    first_kind = "customers"

    def make_routes(self):
        self.all_requests = RollingLimit(50, 1000)
        self.rates = {kind: RollingLimit(count, 1000) for kind, count in RATES.items()}
        # What a transaction was answered: the same again, and nothing is made twice.
        self.transactions = {}
        base, data = "/api/v5/app", "/api/v5/app/entry/data"
        return [
            Route("POST", base + "/list", "describe", self.list_apps),
            Route("POST", base + "/entry/list", "describe", self.list_entries),
            Route("POST", base + "/entry/widget/list", "describe", self.list_widgets),
            Route("POST", data + "/list", "list", self.list),
            Route("POST", data + "/get", "get", self.get),
            Route("POST", data + "/create", "create", self.create),
            Route("POST", data + "/update", "update", self.update),
            Route("POST", data + "/delete", "delete", self.delete),
            Route("POST", data + "/batch_create", "batch-create", self.batch_create),
            Route("POST", data + "/batch_update", "batch-update", self.batch_update),
            Route("POST", data + "/batch_delete", "batch-delete", self.batch_delete),
        ]

    def make_id(self, kind, number):
        return f"{0x6052e807:08x}{sum(kind.encode()) & 0xffff:04x}{number:012x}"

    # Errors, keys, limits: all errors of the service are status 400

    @staticmethod
    def refusal(code, message, status=400):
        return Refusal(Reply(status, {"code": code, "msg": message}))

    def authorise(self, request):
        if (request.header("Authorization") or "") != f"Bearer {API_KEY}":
            raise self.refusal(BAD_KEY, "鉴权失败")

    def limit(self, request, kind):
        now = self.clock.now()
        if not self.all_requests.take(now) or not self.rates[kind].take(now):
            raise self.refusal(TOO_OFTEN, "超出请求频率限制")

    def fault_reply(self, fault, kind):
        if fault.name in ("rate-limit", "daily-quota"):
            return self.refusal(TOO_OFTEN, "超出请求频率限制").reply
        if fault.name == "expire-page":
            return self.refusal(NOT_FOUND, "数据不存在").reply
        status = 200 if fault.name == "ok-error" else int(fault.number(502))
        return Reply(status, {"code": 1, "msg": "服务繁忙"})

    def not_found(self, request):
        return Reply(404, {"code": 404, "msg": "Not Found"})

    def bad_request(self, message):
        return Reply(400, {"code": BAD_PARAMETER, "msg": f"参数错误: {message}"})

    # Descriptions

    def list_apps(self, request):
        return Reply(200, {"apps": [{"app_id": APP_ID, "name": "客户管理"}]})

    def list_entries(self, request):
        return Reply(200, {"forms": [{"app_id": APP_ID, "entry_id": entry, "name": name} for name, (entry, _) in FORMS.items()]})

    def list_widgets(self, request):
        kind = self._kind(request.object())
        return Reply(200, {
            "widgets": [{"name": alias, "widgetName": name, "label": label, "type": form} for name, (label, form, alias) in FORMS[kind][1].items()],
            "sysWidgets": [{"name": name, "widgetName": name, "label": name, "type": "datetime"} for name in ("createTime", "updateTime")],
        })

    def _kind(self, body):
        kind = next((name for name, (entry, _) in FORMS.items() if entry == body.get("entry_id")), None)
        if body.get("app_id") != APP_ID or kind is None:
            raise self.refusal(NOT_FOUND, "表单不存在")
        return kind

    # Reading: values are bare

    def shown(self, record, names=None):
        creator = {"_id": "u1", "name": "standin", "username": "standin", "status": 1}
        made = {"_id": record.id, "appId": APP_ID, "entryId": FORMS[record.kind][0], "creator": creator, "updater": creator, "deleter": None,
                "createTime": utc_ms(record.created), "updateTime": utc_ms(record.modified), "deleteTime": None}
        for name, (_, form, _) in FORMS[record.kind][1].items():
            if names and name not in names:
                continue
            value = record.fields.get(name)
            if form == "phone" and value:
                value = {"phone": value, "verified": False}
            if form == "user" and value:
                value = {"_id": f"u-{value}", "name": f"成员 {value}", "username": value, "status": 1}
            made[name] = ("" if form in ("text", "combo") else None) if value is None else value
        return made

    def list(self, request):
        """Ascending by id, from the id that follows `data_id`: a change of an old record is never seen by an id that goes on."""
        body = request.object()
        kind, limit = self._kind(body), body.get("limit", LIMIT_DEFAULT)
        if not isinstance(limit, int) or not 1 <= limit <= LIMIT_MAXIMUM:
            raise BadRequest("limit")
        parts = [self._filter(kind, body["filter"])] if body.get("filter") else []
        if body.get("data_id"):
            parts.append(Condition("@id", "gt", str(body["data_id"])))
        rows = self.store.in_order(kind, And(*parts), limit)
        return Reply(200, {"data": [self.shown(record, body.get("fields")) for record in rows]})

    def _filter(self, kind, asked):
        made = []
        for one in asked.get("cond") or []:
            field, method, values = one.get("field"), one.get("method"), one.get("value") or []
            values = values if isinstance(values, list) else [values]
            alias = {named: name for name, (_, _, named) in FORMS[kind][1].items()}
            field = {"createTime": "@created", "updateTime": "@modified", "_id": "@id"}.get(field, alias.get(field, field))
            if field.startswith("@") and field != "@id":
                values = [None if value is None else parse(value) for value in values]
            if method == "range" and len(values) == 2:
                if values[0] is not None:
                    made.append(Condition(field, "ge", values[0]))
                if values[1] is not None:
                    made.append(Condition(field, "le", values[1]))
            elif method == "all":
                made += [Condition(field, "contains", value) for value in values]
            elif method in METHODS and (values or method in ("empty", "not_empty")) and len(values) <= IN_MAXIMUM:
                made.append(Condition(field, METHODS[method], values if method in ("in", "nin") else values[0] if values else None))
            else:
                raise BadRequest("filter")
        return Or(*made) if asked.get("rel") == "or" else And(*made)

    def _demand(self, kind, identifier):
        record = self.store.find(kind, str(identifier))
        if record is None or not record.is_live:
            raise self.refusal(NOT_FOUND, "数据不存在")
        return record

    def get(self, request):
        body = request.object()
        return Reply(200, {"data": self.shown(self._demand(self._kind(body), body.get("data_id")))})

    # Writing: every value is wrapped in {"value": …}; what is not is left out

    def _kept(self, kind, wrapped):
        if not isinstance(wrapped, dict):
            raise BadRequest("data")
        alias = {named: name for name, (_, _, named) in FORMS[kind][1].items()}
        kept = {}
        for name, value in wrapped.items():
            name = alias.get(name, name)
            if name not in FORMS[kind][1]:
                continue
            if not isinstance(value, dict) or "value" not in value:
                self.marks["unwrapped-value"] += 1
                continue
            value, form = value["value"], FORMS[kind][1][name][1]
            if form == "phone" and isinstance(value, dict):
                value = value.get("phone")
            if form == "user" and value is not None and not isinstance(value, str):
                self.marks["member-without-username"] += 1
                continue
            if form == "number" and isinstance(value, str):
                value = float(value) if value.replace(".", "", 1).lstrip("-").isdigit() else None
            if form == "datetime" and value is not None:
                instant = parse(value)
                value = utc_ms(instant) if instant is not None else None
            if form == "subform":
                value = [{key: cell.get("value") if isinstance(cell, dict) else cell for key, cell in row.items()} for row in value or []]
            kept[name] = value
        return self.clean(kept)

    def _note_triggers(self, body):
        if body.get("is_start_workflow") or body.get("is_start_trigger"):
            self.marks["write-with-triggers"] += 1

    def _once(self, body, make):
        """A transaction that was answered before is answered the same."""
        key = body.get("transaction_id")
        if key is None:
            self.marks["create-without-transaction"] += 1
            return make()
        if key not in self.transactions:
            self.transactions[key] = make()
        return self.transactions[key]

    def create(self, request):
        body = request.object()
        kind = self._kind(body)
        kept = self._kept(kind, body.get("data"))
        self._note_triggers(body)

        def make():
            return {"data": self.shown(self.store.create(kind, kept, actor="client"))}
        return Reply(200, self._once(body, make))

    def batch_create(self, request):
        body = request.object()
        kind, rows = self._kind(body), body.get("data_list")
        if not isinstance(rows, list) or not 1 <= len(rows) <= BATCH_MAXIMUM:
            raise BadRequest("data_list")
        self._note_triggers(body)
        skipped = 1 if "item-error" in request.faults else 0

        def make():
            made = [self.store.create(kind, self._kept(kind, row), actor="client").id for row in rows[skipped:]]
            return {"status": "success", "success_count": len(made), "success_ids": made}
        return Reply(200, self._once(body, make))

    def update(self, request):
        body = request.object()
        kind = self._kind(body)
        record = self._demand(kind, body.get("data_id"))
        self._note_triggers(body)
        self.store.update(record, self._kept(kind, body.get("data")), actor="client")
        return Reply(200, {"data": self.shown(record)})

    def batch_update(self, request):
        """One value for all of the records; no subforms."""
        body = request.object()
        kind, ids = self._kind(body), body.get("data_ids")
        if not isinstance(ids, list) or not 1 <= len(ids) <= BATCH_MAXIMUM:
            raise BadRequest("data_ids")
        kept = {name: value for name, value in self._kept(kind, body.get("data")).items() if FORMS[kind][1][name][1] != "subform"}
        records = [record for record in (self.store.find(kind, str(one)) for one in ids) if record is not None and record.is_live]
        for record in records:
            self.store.update(record, kept, actor="client")
        return Reply(200, {"status": "success", "success_count": len(records)})

    def delete(self, request):
        body = request.object()
        self.store.delete(self._demand(self._kind(body), body.get("data_id")), actor="client", purge=True)
        return Reply(200, {"status": "success"})

    def batch_delete(self, request):
        body = request.object()
        kind, count = self._kind(body), 0
        for identifier in body.get("data_ids") or []:
            record = self.store.find(kind, str(identifier))
            if record is not None and record.is_live:
                self.store.delete(record, actor="client", purge=True)
                count += 1
        return Reply(200, {"status": "success", "success_count": count})

    def seed_fields(self, kind, number):
        if kind == "companies":
            return {"_widget_2001": f"Company {number}", "_widget_2002": f"+86571{number:08d}"}
        return {"_widget_1001": f"Person {number}", "_widget_1002": f"contact{number}@standin.example", "_widget_1003": f"+86138{number:08d}"}

    # Webhooks: signed over nonce, raw body, secret and time

    def events(self, what, record, changed):
        name = {"create": "data_create", "update": "data_update", "delete": "data_remove", "restore": "data_recover"}.get(what)
        return [{"op": name, "data": self.shown(record), "opTime": record.modified}] if name else []

    def webhook_signed(self, url, body, secret):
        nonce, stamp = f"{self.random.getrandbits(32):08x}", str(self.clock.now() // 1000)
        signed = hashlib.sha1(f"{nonce}:".encode() + body + f":{secret}:{stamp}".encode()).hexdigest()
        return f"{url}{'&' if '?' in url else '?'}nonce={nonce}&timestamp={stamp}", {"X-JDY-Signature": signed}

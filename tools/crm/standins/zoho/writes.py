"""Zoho's writing: up to 100 records at a time, an answer for each in the order of the request; 207 where some were refused.

Without `trigger: []` each write starts workflows, approvals and blueprints: such writes are counted as `write-with-triggers`.
"""

from ..clock import parse
from ..exchange import Reply
from .modules import LOOKUPS, SYSTEM_UNIQUE

BATCH_MAXIMUM = 100


class Writes:
    """The handlers of records."""

    def __init__(self, system):
        self.system, self.store = system, system.store

    def get(self, request):
        module = self.system.module(request)
        record = self._by_path(request, module)
        if record is None:
            return Reply(204)
        return Reply(200, {"data": [self.system.shown(record, request.list("fields") or list(self.system.fields[module]))]})

    def _by_path(self, request, module):
        """The record of an id, or of the external id that the header `X-EXTERNAL: Module.Field` says the path has."""
        external = request.header("X-EXTERNAL")
        if external:
            return self.store.by_value(module, external.rpartition(".")[2], request.parts["id"])
        record = self.store.find(module, request.parts["id"])
        return record if record is not None and record.is_live else None

    def _rows(self, request):
        body = request.object()
        rows = body.get("data")
        if not isinstance(rows, list) or not rows:
            raise self.system.refusal(400, "MANDATORY_NOT_FOUND", "required field not found", {"api_name": "data", "json_path": "$.data"})
        if len(rows) > BATCH_MAXIMUM:
            raise self.system.refusal(400, "INVALID_DATA", "invalid data", {"maximum_length": BATCH_MAXIMUM, "api_name": "data", "json_path": "$.data"})
        if body.get("trigger") != []:
            self.system.marks["write-with-triggers"] += len(rows)
        return body, rows

    def _answer(self, request, items, good=200):
        if "missing-result" in request.faults and items:
            items.pop()
        failed = sum(item["status"] == "error" for item in items)
        # A request of which nothing was done is 400 with the same body (documentation of single inserts; unverified for many).
        status = good if not failed else 400 if failed == len(items) else 207
        return Reply(status, {"data": items})

    def _each(self, request, apply, good=200):
        body, rows = self._rows(request)
        items = []
        for place, row in enumerate(rows):
            if place == 0 and "item-error" in request.faults:
                items.append(self.system.error("RECORD_LOCKED", "record is locked", {}))
            else:
                items.append(apply(body, row, place))
        return self._answer(request, items, good)

    def insert(self, request):
        module = self.system.module(request)
        return self._each(request, lambda body, row, place: self._insert(module, row, place), 201)

    def update(self, request):
        module = self.system.module(request)

        def apply(body, row, place):
            record = self.store.find(module, str(row.get("id")))
            if record is None or not record.is_live:
                return self.system.error("INVALID_DATA", "the id given seems to be invalid", {"id": row.get("id"), "api_name": "id", "index": place})
            return self._update(record, row, place)
        return self._each(request, apply)

    def update_one(self, request):
        module = self.system.module(request)
        record = self._by_path(request, module)
        if record is None:
            return Reply(400, {"data": [self.system.error("INVALID_DATA", "the id given seems to be invalid", {"id": request.parts["id"]})]})
        since = parse(request.header("If-Unmodified-Since") or "")
        if since is not None and record.modified > since:
            raise self.system.refusal(412, "RECORD_MODIFIED", "the record has been modified")
        return self._each(request, lambda body, row, place: self._update(record, row, place))

    def upsert(self, request):
        module = self.system.module(request)

        def apply(body, row, place):
            names = list(body.get("duplicate_check_fields") or []) + SYSTEM_UNIQUE.get(module, [])
            names += [field.name for field in self.system.fields[module].values() if field.is_unique]
            for name in dict.fromkeys(names):
                held = self.store.by_value(module, name, row[name]) if row.get(name) else None
                if held is not None:
                    return self._update(held, row, place, name)
            return self._insert(module, row, place)
        return self._each(request, apply)

    def delete(self, request):
        module, items = self.system.module(request), []
        for identifier in request.list("ids") or [request.parts.get("id", "")]:
            record = self.store.find(module, identifier)
            if record is None or not record.is_live:
                items.append(self.system.error("INVALID_DATA", "the id given seems to be invalid", {"id": identifier}))
            else:
                self.store.delete(record, actor="client")
                items.append({"code": "SUCCESS", "details": {"id": record.id}, "message": "record deleted", "status": "success"})
        return self._answer(request, items)

    def _fault(self, module, row, place, held=None):
        fields = self.system.fields[module]
        for name, value in row.items():
            field = fields.get(name)
            if field is None:
                continue
            expected = field.fault(value)
            path = {"api_name": name, "json_path": f"$.data[{place}].{name}"}
            if expected:
                return self.system.error("INVALID_DATA", "invalid data", {"expected_data_type": expected} | path)
            if isinstance(value, str) and len(value) > field.length:
                return self.system.error("INVALID_DATA", "invalid data", {"maximum_length": field.length} | path)
            if field.is_unique and value:
                other = self.store.by_value(module, name, value)
                if other is not None and other is not held:
                    return self.system.error("DUPLICATE_DATA", "duplicate data", {"id": other.id} | path)
        for field in fields.values():
            given = row.get(field.name, (held.fields if held else {}).get(field.name))
            if field.is_mandatory and not given:
                path = {"api_name": field.name, "json_path": f"$.data[{place}].{field.name}"}
                return self.system.error("MANDATORY_NOT_FOUND", "required field not found", path)
        return None

    def _kept(self, module, row):
        """The values that are kept: names that the module does not have are left out without a word."""
        fields, kept = self.system.fields[module], {}
        for name, value in row.items():
            field = fields.get(name)
            if field is None or field.is_read_only:
                continue
            kept[name] = self._lookup(name, value) if field.type == "lookup" and value else value
        return self.system.clean(kept)

    def _lookup(self, name, value):
        """The record that a lookup means: by id, or by the name of an account, which is made where there is none (unverified)."""
        module = LOOKUPS[name]
        value = {"id": value} if isinstance(value, str) else value
        record = self.store.find(module, str(value.get("id"))) if value.get("id") else None
        if record is None and module == "Accounts" and value.get("name"):
            record = self.store.by_value(module, "Account_Name", value["name"])
            record = record or self.store.create(module, {"Account_Name": value["name"]}, actor="client")
        return {"id": record.id, "name": self.system.display_name(record)} if record is not None else None

    def _insert(self, module, row, place):
        fault = self._fault(module, row, place)
        if fault:
            return fault
        record = self.store.create(module, self._kept(module, row), actor="client")
        return self._done(record, "insert", "record added", None)

    def _update(self, record, row, place, duplicate=None):
        fault = self._fault(record.kind, row, place, record)
        if fault:
            return fault
        self.store.update(record, self._kept(record.kind, row), actor="client")
        return self._done(record, "update", "record updated", duplicate)

    def _done(self, record, action, message, duplicate):
        details = {"id": record.id, "Created_Time": self.system.time(record.created), "Modified_Time": self.system.time(record.modified),
                   "Created_By": self.system.user, "Modified_By": self.system.user}
        return {"code": "SUCCESS", "duplicate_field": duplicate, "action": action, "details": details, "message": message, "status": "success"}

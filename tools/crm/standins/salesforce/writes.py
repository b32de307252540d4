"""Salesforce's writing: one record, and collections of up to 200 whose results stand in the order of the request."""

import hashlib

from ..clock import http_date, parse
from ..exchange import Refusal, Reply
from . import objects

COLLECTION_MAXIMUM = 200


class Writes:
    """The handlers of records."""

    def __init__(self, system):
        self.system, self.store = system, system.store

    def _demand(self, kind, identifier):
        record = self.system.record(kind, identifier)
        if record is None:
            raise self.system.refusal(404, "NOT_FOUND", "The requested resource does not exist")
        if not record.is_live:
            raise self.system.refusal(404, "ENTITY_IS_DELETED", "entity is deleted")
        return record

    def _by_external(self, kind, field, value):
        if not objects.is_external(field):
            raise self.system.refusal(400, "INVALID_FIELD", f"Provided external ID field does not exist or is not accessible: {field}")
        return self.store.by_value(kind, field, value)

    # One record

    @staticmethod
    def _etag(record):
        return "W/\"" + hashlib.sha1(f"{record.id}{record.modified}{sorted(record.fields.items(), key=str)}".encode()).hexdigest()[:20] + "\""

    def _guard(self, request, record):
        """Conditional requests: dates on any record, in whole seconds; `If-Match` on accounts alone."""
        since = parse(request.header("If-Unmodified-Since") or "")
        if since is not None and record.modified > since:
            raise Refusal(Reply(412))
        wanted = request.header("If-Match")
        if record.kind == "Account" and wanted and wanted != self._etag(record):
            raise Refusal(Reply(412))

    def get(self, request):
        kind = self.system.kind(request.parts["object"])
        record = self._demand(kind, request.parts["id"])
        since = parse(request.header("If-Modified-Since") or "")
        if since is not None and record.modified <= since:
            return Reply(304)
        return self._shown(request, record)

    def get_external(self, request):
        kind = self.system.kind(request.parts["object"])
        record = self._by_external(kind, request.parts["field"], request.parts["value"])
        if record is None:
            raise self.system.refusal(404, "NOT_FOUND", "The requested resource does not exist")
        return self._shown(request, record)

    def _shown(self, request, record):
        names = request.list("fields") or [*objects.SYSTEM, *objects.FIELDS[record.kind], *(name for name in record.fields if name.endswith("__c"))]
        headers = {"Last-Modified": http_date(record.modified)}
        if record.kind == "Account":
            headers["ETag"] = self._etag(record)
        url = f"/services/data/{request.parts['version']}/sobjects/{record.kind}/{record.id}"
        body = {"attributes": {"type": record.kind, "url": url}} | {name: objects.value(self.system, record, name) for name in names}
        return Reply(200, body, headers)

    def create(self, request):
        kind, values = self.system.kind(request.parts["object"]), request.object()
        result = self._insert(kind, values)
        return Reply(201, result) if result["success"] else Reply(400, self._errors(result))

    def update(self, request):
        record = self._demand(self.system.kind(request.parts["object"]), request.parts["id"])
        self._guard(request, record)
        result = self._change(record, request.object())
        return Reply(204) if result["success"] else Reply(400, self._errors(result))

    def upsert(self, request):
        kind, field, value = self.system.kind(request.parts["object"]), request.parts["field"], request.parts["value"]
        record, values = self._by_external(kind, field, value), request.object()
        result = self._insert(kind, values | {field: value}) if record is None else self._change(record, values)
        if not result["success"]:
            return Reply(400, self._errors(result))
        return Reply(201 if record is None else 200, result | {"created": record is None})

    def delete(self, request):
        self.store.delete(self._demand(self.system.kind(request.parts["object"]), request.parts["id"]), actor="client")
        return Reply(204)

    @staticmethod
    def _errors(result):
        return [{"message": one["message"], "errorCode": one["statusCode"], "fields": one["fields"]} for one in result["errors"]]

    def _refused(self, fault):
        return {"success": False, "errors": [fault]}

    def _insert(self, kind, values):
        fault = objects.fault(kind, values) or self._clash(kind, values, None)
        if fault:
            return self._refused(fault)
        kept = {name: value for name, value in self.system.clean(values).items() if value is not None}
        return {"id": self.store.create(kind, kept, actor="client").id, "success": True, "errors": []}

    def _change(self, record, values):
        fault = objects.fault(record.kind, values, record.fields) or self._clash(record.kind, values, record)
        if fault:
            return self._refused(fault)
        self.store.update(record, self.system.clean(values), actor="client")
        return {"id": record.id, "success": True, "errors": []}

    def _clash(self, kind, values, own):
        for name, value in values.items():
            if objects.is_external(name) and value:
                held = self.store.by_value(kind, name, value)
                if held is not None and held is not own:
                    message = f"duplicate value found: {name} duplicates value on record with id: {held.id[:15]}"
                    return {"statusCode": "DUPLICATE_VALUE", "message": message, "fields": [name]}
        return None

    # Collections

    def _collection(self, request, apply):
        body = request.object()
        records = body.get("records")
        if not isinstance(records, list) or not records:
            raise self.system.refusal(400, "JSON_PARSER_ERROR", "records are missing")
        if len(records) > COLLECTION_MAXIMUM:
            raise self.system.refusal(400, "EXCEEDED_MAX_SIZE_REQUEST", f"record list size is greater than {COLLECTION_MAXIMUM}")
        results = []
        for place, one in enumerate(records):
            values = {name: value for name, value in one.items() if name != "attributes"}
            kind = (one.get("attributes") or {}).get("type") or request.parts.get("object")
            if place == 0 and "item-error" in request.faults:
                fault = {"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access to this record", "fields": []}
                results.append(self._refused(fault))
            else:
                results.append(apply(self.system.kind(kind), values))
        if "missing-result" in request.faults:
            results.pop()
        return Reply(200, results)

    def create_many(self, request):
        return self._collection(request, self._insert)

    def update_many(self, request):
        def apply(kind, values):
            identifier = values.pop("Id", None) or values.pop("id", "")
            record = self.system.record(kind, identifier)
            if record is None or not record.is_live:
                return self._refused({"statusCode": "ENTITY_IS_DELETED", "message": "entity is deleted", "fields": []})
            return self._change(record, values)
        return self._collection(request, apply)

    def upsert_many(self, request):
        """All of one type, matched by an external id; record ids are not taken."""
        field, path_kind = request.parts["field"], self.system.kind(request.parts["object"])

        def apply(kind, values):
            if kind != path_kind:
                return self._refused({"statusCode": "INVALID_TYPE", "message": f"{kind} is not {path_kind}", "fields": []})
            if not values.get(field):
                return self._refused({"statusCode": "MISSING_ARGUMENT", "message": f"{field} not specified", "fields": []})
            record = self._by_external(kind, field, values[field])
            result = self._insert(kind, values) if record is None else self._change(record, values)
            return result | ({"created": record is None} if result["success"] else {})
        return self._collection(request, apply)

    def delete_many(self, request):
        results = []
        for identifier in request.list("ids"):
            record = self.system.record(None, identifier)
            if record is None or not record.is_live:
                results.append(self._refused({"statusCode": "ENTITY_IS_DELETED", "message": "entity is deleted", "fields": []}))
            else:
                self.store.delete(record, actor="client")
                results.append({"id": record.id, "success": True, "errors": []})
        return Reply(200, results)

    def read_many(self, request):
        """Records of one type by id, in the order asked; null for one that is not there."""
        kind, body = self.system.kind(request.parts["object"]), request.object()
        found = []
        for identifier in body.get("ids") or []:
            record = self.system.record(kind, identifier)
            found.append(None if record is None or not record.is_live else {
                "attributes": {"type": kind, "url": f"/services/data/{request.parts['version']}/sobjects/{kind}/{record.id}"}}
                | {name: objects.value(self.system, record, name) for name in body.get("fields") or ["Id"]})
        return Reply(200, found)

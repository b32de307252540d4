"""HubSpot's records: read, list, write one by one and in batches of up to 100, archive, merge.

Paths `/crm/v3/objects/{type}` and `/crm/objects/{date}/{type}`. The dates 2025-09 and 2026-03 answer batches as v3 does, with 207 where
some inputs were refused; 2026-09 has no 207 and refuses the whole batch (its OpenAPI document).
"""

from ..clock import utc_ms
from ..conditions import Condition
from ..exchange import Refusal, Reply
from . import errors
from .errors import InvalidProperties
from .properties import DEFAULTS, STAMPS, checked

BATCH_MAXIMUM = 100
PAGE_DEFAULT, PAGE_MAXIMUM = 10, 100


class Objects:
    """The handlers of records."""

    def __init__(self, system):
        self.system, self.store = system, system.store

    # Forms

    def shown(self, record, asked=None, histories=(), extra=None):
        """A `SimplePublicObject` of the OpenAPI document."""
        kind, system = record.kind, self.system
        known = system.properties[kind]
        names = dict.fromkeys([*(asked or DEFAULTS[kind]), "createdate", "hs_object_id", STAMPS[kind]])
        own = {"hs_object_id": record.id, "createdate": utc_ms(record.created), "hs_createdate": utc_ms(record.created),
               "hs_lastmodifieddate": utc_ms(record.modified), "lastmodifieddate": utc_ms(record.modified)}
        # Names that are not defined are left out without a word; what is empty is null.
        values = {name: own.get(name) or record.fields.get(name) or None for name in names if name in known}
        made = {"id": record.id, "properties": values, "createdAt": utc_ms(record.created), "updatedAt": utc_ms(record.modified),
                "archived": record.deleted is not None}
        if record.deleted is not None:
            made["archivedAt"] = utc_ms(record.deleted)
        if histories:
            made["propertiesWithHistory"] = {name: self._history(record, name) for name in histories if name in known}
        return made | (extra or {})

    def _history(self, record, name):
        """Newest first. `sourceType` INTEGRATION is a client's write; the exact values are unverified."""
        past = record.history.get(name)
        if past is None:
            past = [(record.fields[name], record.created, record.creator)] if record.fields.get(name) else []
        return [{"value": value or "", "timestamp": utc_ms(stamp), "sourceType": "INTEGRATION" if actor == "client" else "CRM_UI",
                 "sourceId": self.system.app_id if actor == "client" else "userId:1", "sourceLabel": "" if actor == "client" else "CRM UI"}
                for value, stamp, actor in reversed(past)]

    def _kind(self, request):
        return self.system.kind(request.parts["type"])

    def _found(self, kind, identifier, id_property=None, is_archived=False):
        """The record that an id means. An id that was merged away means its winner (unverified)."""
        if id_property and id_property != "hs_object_id":
            known = self.system.properties[kind].get(id_property)
            if known is None or not known.is_unique:
                raise errors.refusal(400, f"{id_property} is not a unique property", "VALIDATION_ERROR")
            return self.store.by_value(kind, id_property, identifier)
        record = self.store.settle(kind, str(identifier))
        return record if record is not None and not record.is_purged and (record.deleted is not None) == is_archived else None

    # One record

    def list(self, request):
        kind = self._kind(request)
        limit = request.whole("limit", PAGE_DEFAULT)
        if not 1 <= limit <= PAGE_MAXIMUM:
            raise errors.refusal(400, f"limit must be from 1 to {PAGE_MAXIMUM}", "VALIDATION_ERROR")
        after = request.whole("after", 0)
        if request.says("archived"):
            gone = sorted((record for record in self.store.all(kind) if record.deleted is not None and not record.is_purged), key=lambda one: one.order)
            rest = [record for record in gone if record.order >= after]
        else:
            rest = self.store.in_order(kind, Condition("@id", "ge", after), limit + 1)
        asked, histories = request.list("properties"), request.list("propertiesWithHistory")
        made = {"results": [self.shown(record, asked, histories, self._associations(record, request)) for record in rest[:limit]]}
        if len(rest) > limit:
            place = rest[limit].id
            made["paging"] = {"next": {"after": place, "link": f"https://api.hubapi.com{request.path}?limit={limit}&after={place}"}}
        return Reply(200, made)

    def _associations(self, record, request):
        wanted = request.list("associations")
        found = {}
        for name in wanted:
            kind = self.system.kind(name)
            linked = self.store.linked((record.kind, record.id), kind)
            if linked:
                found[kind] = {"results": [{"id": identifier, "type": f"{record.kind[:-1]}_to_{kind[:-1]}"} for identifier, _ in linked]}
        return {"associations": found} if found else None

    def get(self, request):
        record = self._found(self._kind(request), request.parts["id"], request.query.get("idProperty"), request.says("archived"))
        if record is None:
            raise errors.missing(request.parts["id"])
        return Reply(200, self.shown(record, request.list("properties"), request.list("propertiesWithHistory"), self._associations(record, request)))

    def create(self, request):
        body = request.object()
        try:
            record = self._create(self._kind(request), body.get("properties") or {}, body.get("associations"))
        except InvalidProperties as fault:
            raise self._invalid(fault) from None
        return Reply(201, self.shown(record, list(record.fields)))

    def update(self, request):
        record = self._found(self._kind(request), request.parts["id"], request.query.get("idProperty"))
        if record is None:
            raise errors.missing(request.parts["id"])
        try:
            self._update(record, request.object().get("properties") or {})
        except InvalidProperties as fault:
            raise self._invalid(fault) from None
        return Reply(200, self.shown(record, list(record.fields)))

    def archive(self, request):
        record = self._found(self._kind(request), request.parts["id"])
        if record is not None:
            self.store.delete(record, actor="client")
        return Reply(204)

    def merge(self, request):
        """`PublicMergeInput`. The winner keeps its values, takes the loser's where it has none, and names it."""
        kind, body = self._kind(request), request.object()
        winner, loser = (self._found(kind, body.get(name)) for name in ("primaryObjectId", "objectIdToMerge"))
        if winner is None or loser is None or winner is loser:
            raise errors.refusal(400, "Invalid ids to merge", "VALIDATION_ERROR")
        self.system.merge_records(winner, loser, "client")
        return Reply(200, self.shown(winner))

    def purge(self, request):
        """`gdpr-delete`: the record is gone from lists of the archived too."""
        body = request.object()
        record = self._found(self._kind(request), body.get("objectId"), body.get("idProperty"))
        if record is not None:
            record.fields.clear()
            record.history.clear()
            self.store.delete(record, actor="client", purge=True)
        return Reply(204)

    @staticmethod
    def _invalid(fault):
        return errors.refusal(400, str(fault), "VALIDATION_ERROR", fault.details)

    def _unique_clash(self, kind, values, own=None):
        for name, value in values.items():
            if value and self.system.properties[kind][name].is_unique:
                held = self.store.by_value(kind, name, value)
                if held is not None and held is not own:
                    return held
        return None

    def _create(self, kind, values, associations=None):
        kept = self.system.clean(checked(self.system.properties[kind], values, {}))
        clash = self._unique_clash(kind, kept)
        if clash is not None:
            raise errors.refusal(409, f"{kind[:-1].capitalize()} already exists. Existing ID: {clash.id}", "CONFLICT")
        record = self.store.create(kind, kept, actor="client")
        self.system.associations.link_new(record, associations)
        return record

    def _update(self, record, values):
        kept = self.system.clean(checked(self.system.properties[record.kind], values, record.fields))
        clash = self._unique_clash(record.kind, kept, record)
        if clash is not None:
            raise errors.refusal(409, f"A {record.kind[:-1]} with that value exists already. Existing ID: {clash.id}", "CONFLICT")
        self.store.update(record, kept, actor="client")

    # Batches

    def batch(self, action, status=200):
        """The handler of `batch/{action}`: inputs in, results and errors out, each with its `objectWriteTraceId`."""
        def answer(request):
            kind, body = self._kind(request), request.object()
            inputs = body.get("inputs")
            if not isinstance(inputs, list) or not inputs or len(inputs) > BATCH_MAXIMUM:
                raise errors.refusal(400, f"The batch must hold from 1 to {BATCH_MAXIMUM} inputs", "VALIDATION_ERROR")
            # Creating in part is chosen by giving every input a trace id; all else is done in part in any case, but not in 2026-09.
            is_partial = request.parts.get("version") != "2026-09" and (action != "create" or all(one.get("objectWriteTraceId") for one in inputs))
            started = utc_ms(self.system.clock.now())
            results, faults = [], []
            if not is_partial and action != "read":
                self._check_whole(kind, action, inputs)
            for place, one in enumerate(inputs):
                try:
                    if place == 0 and "item-error" in request.faults:
                        raise errors.refusal(500, "internal error", "INTERNAL_ERROR")
                    results.append(getattr(self, "_batch_" + action)(kind, one, body))
                except (InvalidProperties, Refusal) as fault:
                    faults.append(self._refused(one, fault))
            if "missing-result" in request.faults and results:
                results.pop()
            made = {"status": "COMPLETE", "results": results, "startedAt": started, "completedAt": utc_ms(self.system.clock.now())}
            if faults and is_partial:
                return Reply(207, made | {"numErrors": len(faults), "errors": faults})
            return Reply(status, made)
        return answer

    def _check_whole(self, kind, action, inputs):
        """Refuses a whole batch for one input, before anything is done."""
        for one in inputs:
            held = None if action == "create" else self._found(kind, one.get("id"), one.get("idProperty"))
            if action == "update" and held is None:
                raise errors.missing(one.get("id"))
            try:
                kept = checked(self.system.properties[kind], one.get("properties") or {}, held.fields if held else {})
            except InvalidProperties as fault:
                raise self._invalid(fault) from None
            clash = self._unique_clash(kind, kept, held)
            if clash is not None:
                raise errors.refusal(409, f"{kind[:-1].capitalize()} already exists. Existing ID: {clash.id}", "CONFLICT")

    def _refused(self, one, fault):
        trace = one.get("objectWriteTraceId")
        context = {"objectWriteTraceId": [trace]} if trace else {"ids": [str(one.get("id"))]}
        if isinstance(fault, InvalidProperties):
            return errors.item(str(fault), "VALIDATION_ERROR", context, fault.details)
        return errors.item(fault.reply.body["message"], fault.reply.body["category"], context)

    @staticmethod
    def _trace(one, extra=None):
        made = dict(extra or {})
        if one.get("objectWriteTraceId"):
            made["objectWriteTraceId"] = one["objectWriteTraceId"]
        return made

    def _batch_create(self, kind, one, _):
        record = self._create(kind, one.get("properties") or {}, one.get("associations"))
        return self.shown(record, list(record.fields), extra=self._trace(one))

    def _batch_update(self, kind, one, _):
        record = self._found(kind, one.get("id"), one.get("idProperty"))
        if record is None:
            raise errors.missing(one.get("id"))
        self._update(record, one.get("properties") or {})
        return self.shown(record, list(record.fields), extra=self._trace(one))

    def _batch_upsert(self, kind, one, _):
        name = one.get("idProperty")
        record = self._found(kind, one.get("id"), name)
        is_new = record is None
        if is_new:
            if not name or name == "hs_object_id":
                raise errors.missing(one.get("id"))
            record = self._create(kind, {name: one.get("id")} | (one.get("properties") or {}))
        else:
            self._update(record, one.get("properties") or {})
        return self.shown(record, list(record.fields), extra=self._trace(one, {"new": is_new}))

    def _batch_read(self, kind, one, body):
        record = self._found(kind, one.get("id"), body.get("idProperty"))
        if record is None:
            raise errors.missing(one.get("id"))
        return self.shown(record, body.get("properties"), body.get("propertiesWithHistory") or ())

    def batch_archive(self, request):
        kind = self._kind(request)
        for one in request.object().get("inputs") or []:
            record = self._found(kind, one.get("id"))
            if record is not None:
                self.store.delete(record, actor="client")
        return Reply(204)

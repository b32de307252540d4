"""Salesforce's reading: queries with locators, changed and deleted ids."""

import re

from ..clock import DAY_MS, parse, utc_no_colon
from ..conditions import Condition
from ..exchange import Reply
from ..query_language import Instant, MalformedQuery, Query
from . import objects

PAGE_MAXIMUM, PAGE_MINIMUM = 2000, 200
LOCATOR_MS = 2 * DAY_MS
DELETED_MS = 15 * DAY_MS


class Queries:
    """The handlers of `query`, `queryAll`, `updated` and `deleted`."""

    def __init__(self, system):
        self.system, self.store = system, system.store
        self._locators = {}

    def query(self, has_deleted):
        """The handler of `query`, or of `queryAll`, which also finds what was deleted and merged and is not purged."""
        def answer(request):
            try:
                asked = Query(request.query.get("q", ""), self._condition)
            except MalformedQuery as fault:
                raise self.system.refusal(400, "MALFORMED_QUERY", str(fault)) from None
            kind = self.system.kind(asked.object)
            if asked.fields[0].upper().replace(" ", "") == "COUNT()":
                return Reply(200, {"totalSize": len(self._found(kind, asked, has_deleted)), "done": True, "records": []})
            for name in asked.fields:
                if not objects.is_field(kind, name):
                    raise self.system.refusal(400, "INVALID_FIELD", f"No such column '{name}' on entity '{kind}'.")
            found = self._found(kind, asked, has_deleted)
            size = re.search(r"batchSize\s*=\s*(\d+)", request.header("Sforce-Query-Options") or "")
            size = min(PAGE_MAXIMUM, max(PAGE_MINIMUM, int(size[1]))) if size else PAGE_MAXIMUM
            return self._page(request.parts["version"], kind, asked.fields, found, 0, size)
        return answer

    def more(self, request):
        locator, _, begin = request.parts["locator"].rpartition("-")
        held = self._locators.get(locator)
        if held is None or held[0] < self.system.clock.now() or not begin.isdigit():
            raise self.system.refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(request.parts["version"], *held[1:4], int(begin), held[4], locator)

    def _page(self, version, kind, fields, found, begin, size, locator=None):
        page = found[begin: begin + size]
        records = [{"attributes": {"type": kind, "url": f"/services/data/{version}/sobjects/{kind}/{record.id}"}}
                   | {name: objects.value(self.system, record, name) for name in fields} for record in page]
        made = {"totalSize": len(found), "done": begin + size >= len(found), "records": records}
        if not made["done"]:
            if locator is None:
                locator = f"01g{self.system.random.getrandbits(48):012X}AA0"
                self._locators[locator] = (self.system.clock.now() + LOCATOR_MS, kind, fields, found, size)
            made["nextRecordsUrl"] = f"/services/data/{version}/query/{locator}-{begin + size}"
        return Reply(200, made)

    def _condition(self, name, operation, value):
        if name in ("SystemModstamp", "CreatedDate", "LastModifiedDate") and not isinstance(value, Instant):
            raise MalformedQuery(f"value of filter criterion for field '{name}' must be of type dateTime and should not be enclosed in quotes")
        if name == "SystemModstamp":
            return Condition("@modified", operation, int(value))
        if name == "CreatedDate":
            return Condition("@created", operation, int(value))
        if name == "Id":
            longs = [objects.long_id(one) if len(one) == 15 else one for one in ([value] if isinstance(value, str) else value)]
            return Condition("@id", operation, longs if operation in ("in", "notin") else longs[0])
        if name in ("IsDeleted", "MasterRecordId", "LastModifiedDate", "Name"):
            return Computed(self.system, name, operation, value)
        return Condition(name, operation, value)

    def _found(self, kind, asked, has_deleted):
        found = self.store.select(kind, asked.condition)
        gone = [record for record in self.store.all(kind)
                if not record.is_live and not record.is_purged and asked.condition.matches(record)] if has_deleted else []
        names = [name for name, _ in asked.orders]
        if gone or names not in ([], ["SystemModstamp"], ["SystemModstamp", "Id"]) or any(down for _, down in asked.orders):
            found = found + gone
            for name, is_down in reversed(asked.orders or [("SystemModstamp", False), ("Id", False)]):
                found = sorted(found, key=lambda record: self._key(record, name), reverse=is_down)
        return found[asked.offset: None if asked.limit is None else asked.offset + asked.limit]

    def _key(self, record, name):
        if name in ("SystemModstamp", "Id"):
            return record.modified if name == "SystemModstamp" else record.order
        return str(objects.value(self.system, record, name) or "")

    def _window(self, request):
        start, end = parse(request.query.get("start", "")), parse(request.query.get("end", ""))
        if start is None or end is None:
            raise self.system.refusal(400, "INVALID_REPLICATION_DATE", "start and end must be times")
        if end - start < 60_000:
            raise self.system.refusal(400, "INVALID_REPLICATION_DATE", "startDate before endDate by more than one minute")
        # Whole minutes are what is kept of both (unverified).
        return start - start % 60_000, end

    def updated(self, request):
        kind, (start, end) = self.system.kind(request.parts["object"]), self._window(request)
        found = [record.id for record in self.store.all(kind) if record.is_live and start <= record.modified < end]
        return Reply(200, {"ids": found, "latestDateCovered": utc_no_colon(min(end, self.system.clock.now()))})

    def deleted(self, request):
        """Ids that are gone, also by merging. What is older than 15 days is not known; nor what was purged."""
        kind, (start, end) = self.system.kind(request.parts["object"]), self._window(request)
        now = self.system.clock.now()
        earliest = now - DELETED_MS
        if start < earliest:
            raise self.system.refusal(400, "INVALID_REPLICATION_DATE", "startDate can not be more than 30 days ago")
        found = [{"id": record.id, "deletedDate": utc_no_colon(record.modified)} for record in self.store.all(kind)
                 if not record.is_live and not record.is_purged and start <= record.modified < end]
        return Reply(200, {"deletedRecords": found, "earliestDateAvailable": utc_no_colon(max(earliest, self.system.log_begins)),
                           "latestDateCovered": utc_no_colon(min(end, now))})


class Computed(Condition):
    """A comparison with what is computed from a record."""

    __slots__ = ()

    def __init__(self, system, name, operation, value):
        super().__init__(name, operation, value)
        read = lambda record: objects.value(system, record, name)
        self._read = (lambda record: parse(read(record))) if name == "LastModifiedDate" else read

"""HubSpot's search, the only way to ask for changes since a time.

Limits: 200 results a page, 10,000 a query (beyond: 400), 5 groups of 10 filters, 25 filters in all (change log of August 2024), one sort.
Results of equal sort keys come in an order of no meaning, so that a client must not rely on one. The index may lag (fault `index-lag`).
"""

import zlib

from ..clock import parse
from ..conditions import And, Condition, Or
from ..exchange import Reply
from . import errors
from .properties import STAMPS

PAGE_DEFAULT, PAGE_MAXIMUM, RESULTS_MAXIMUM = 10, 200, 10_000
GROUPS_MAXIMUM, GROUP_FILTERS_MAXIMUM, FILTERS_MAXIMUM = 5, 10, 25
OPERATIONS = {
    "EQ": "eq", "NEQ": "ne", "GT": "gt", "GTE": "ge", "LT": "lt", "LTE": "le", "IN": "in", "NOT_IN": "notin", "BETWEEN": "between",
    "HAS_PROPERTY": "has", "NOT_HAS_PROPERTY": "lacks", "CONTAINS_TOKEN": "contains", "NOT_CONTAINS_TOKEN": "omits",
}


class Search:
    """The handler of `POST /crm/…/{type}/search`."""

    def __init__(self, system):
        self.system = system
        # The last query's result: pages of one query do not sort it anew.
        self._last = (None, [])

    def search(self, request):
        kind, body = self.system.kind(request.parts["type"]), request.object()
        limit = body.get("limit", PAGE_DEFAULT)
        try:
            limit, after = int(limit), int(body.get("after") or 0)
        except (TypeError, ValueError):
            raise self._refused("limit and after must be numbers") from None
        if not 1 <= limit <= PAGE_MAXIMUM:
            raise self._refused(f"limit must be from 1 to {PAGE_MAXIMUM}")
        if after + limit > RESULTS_MAXIMUM:
            raise self._refused(f"A search gives {RESULTS_MAXIMUM} results at most")
        found = self._results(kind, body)
        page = found[after: after + limit]
        objects = self.system.objects
        made = {"total": len(found), "results": [objects.shown(record, body.get("properties")) for record in page]}
        if after + limit < len(found):
            made["paging"] = {"next": {"after": str(after + limit)}}
        return Reply(200, made)

    def _results(self, kind, body):
        condition = self._condition(kind, body)
        store = self.system.store
        key = (kind, repr((body.get("filterGroups"), body.get("query"), body.get("sorts"))), store.version, store.lag_ms)
        if self._last[0] != key or store.lag_ms:
            self._last = (key, self._sorted(kind, condition, body.get("sorts") or []))
        return self._last[1]

    def _sorted(self, kind, condition, sorts):
        if len(sorts) > 1:
            raise self._refused("A search takes one sort")
        name, is_down = "createdate", False
        if sorts and isinstance(sorts[0], dict):
            name, is_down = sorts[0].get("propertyName", name), sorts[0].get("direction") == "DESCENDING"
        elif sorts:
            name, is_down = str(sorts[0]).lstrip("-"), str(sorts[0]).startswith("-")
        field, store = self._field(kind, name), self.system.store
        if field == "@id" and not is_down and not store.lag_ms:
            return store.in_order(kind, condition)
        found = store.select(kind, condition, is_indexed=True)
        if field == "@id":
            return sorted(found, key=lambda record: record.order, reverse=is_down)
        keys = {"@modified": lambda record: record.modified, "@created": lambda record: record.created}
        key = keys.get(field, lambda record: record.fields.get(name) or "")
        return sorted(found, key=lambda record: (key(record), zlib.crc32(record.id.encode())), reverse=is_down)

    def _condition(self, kind, body):
        groups = body.get("filterGroups") or ([{"filters": body["filters"]}] if body.get("filters") else [])
        sizes = [len(group.get("filters") or []) for group in groups]
        if len(groups) > GROUPS_MAXIMUM or sum(sizes) > FILTERS_MAXIMUM or any(size > GROUP_FILTERS_MAXIMUM for size in sizes):
            raise self._refused("Too many filters")
        made = [And(*(self._filter(kind, one) for one in group.get("filters") or [])) for group in groups] or [And()]
        condition = made[0] if len(made) == 1 else Or(*made)
        if query := body.get("query"):
            names = ("firstname", "lastname", "email", "phone", "name", "domain", "company")
            condition = And(condition, Or(*(Condition(name, "contains", query) for name in names)))
        return condition

    def _field(self, kind, name):
        if name not in self.system.properties[kind]:
            raise self._refused(f"There was a problem with the request. Property {name} does not exist")
        return {"hs_object_id": "@id", "createdate": "@created", "hs_createdate": "@created", STAMPS[kind]: "@modified",
                "hs_lastmodifieddate": "@modified"}.get(name, name)

    def _filter(self, kind, one):
        operation = OPERATIONS.get(one.get("operator"))
        if operation is None:
            raise self._refused(f"Invalid operator {one.get('operator')}")
        field = self._field(kind, one.get("propertyName"))
        if operation in ("in", "notin"):
            return Condition(field, operation, [self._value(field, value) for value in one.get("values") or []])
        if operation == "between":
            return Condition(field, operation, (self._value(field, one.get("value")), self._value(field, one.get("highValue"))))
        if operation in ("has", "lacks"):
            return Condition(field, operation)
        return Condition(field, operation, self._value(field, str(one.get("value", "")).strip("*") if operation in ("contains", "omits") else one.get("value")))

    def _value(self, field, value):
        if field in ("@created", "@modified"):
            instant = parse(value) if value is not None else None
            if instant is None:
                raise self._refused(f"{value} is not a time")
            return instant
        if field == "@id":
            if not str(value).isdigit():
                raise self._refused(f"{value} is not a number")
            return int(value)
        return "" if value is None else value

    @staticmethod
    def _refused(message):
        return errors.refusal(400, message, "VALIDATION_ERROR")


def change_event(system, what, record, changed):
    """The webhook events of a change: one for each property (webhooks.v3 of the OpenAPI documents)."""
    name = record.kind[:-1] if record.kind != "companies" else "company"
    word = {"create": "creation", "delete": "deletion", "restore": "restore", "merge": "merge", "update": "propertyChange"}[what]
    if what == "delete" and record.is_purged and name == "contact":
        word = "privacyDeletion"
    event = {
        "subscriptionId": 1, "portalId": system.portal_id, "appId": int(system.app_id), "occurredAt": record.modified,
        "subscriptionType": f"{name}.{word}", "attemptNumber": 0, "objectId": int(record.id),
        "changeSource": "INTEGRATION" if record.actor == "client" else "CRM_UI", "sourceId": system.app_id if record.actor == "client" else "userId:1",
    }
    if what == "update":
        return [event | {"eventId": system.random.getrandbits(40), "propertyName": field, "propertyValue": value} for field, value in changed.items()]
    if what == "merge":
        event |= {"primaryObjectId": int(record.id), "mergedObjectIds": [int(changed["loser"])]}
    if what in ("create", "delete"):
        event["changeFlag"] = "NEW" if what == "create" else "DELETED"
    return [event | {"eventId": system.random.getrandbits(40)}]

"""HubSpot's lists (segments), version 3: who stands on one.

A MANUAL or SNAPSHOT list is written; who stands on a DYNAMIC one HubSpot computes, here by one property and its value. A record's stamp does not
move when it joins or leaves. A deleted list can be called back; until then no request but that finds it.
"""

from ..clock import utc_ms
from ..exchange import Reply
from . import errors
from .properties import ALIASES, TYPES

FIRST_LIST, SEARCH_MAXIMUM, SEARCH_DEFAULT, PAGE_MAXIMUM, PAGE_DEFAULT, CHANGED_MAXIMUM = 41, 500, 20, 250, 100, 100_000
PROCESSING = ("MANUAL", "SNAPSHOT", "DYNAMIC")


class List:
    """One list; `members` are record ids with the times since when."""

    def __init__(self, identifier, name, kind, processing, rule, now):
        self.id, self.name, self.kind, self.processing, self.rule = identifier, name, kind, processing, rule
        self.created = self.updated = now
        self.deleted, self.members, self.version = None, {}, 1


class Lists:
    """The handlers of lists."""

    def __init__(self, system):
        self.system, self.store, self.clock = system, system.store, system.clock
        self.lists, self._next = {}, FIRST_LIST

    # What people do there

    def make(self, name, kind, processing, rule=None):
        if processing not in PROCESSING or kind not in TYPES:
            raise errors.refusal(400, "No such processing type or object type", "VALIDATION_ERROR")
        if any(one.name.casefold() == name.casefold() and one.kind == kind and one.deleted is None for one in self.lists.values()):
            raise errors.refusal(400, f"A list named {name} already exists", "VALIDATION_ERROR")
        made = List(str(self._next), name, kind, processing, rule, self.clock.now())
        self._next += 1
        self.lists[made.id] = made
        return made

    def change(self, one, add, remove):
        """Adds records that there are, and removes; what was added, removed, and is not there."""
        added, removed, missing = [], [], []
        for identifier in add:
            record = self.store.settle(one.kind, identifier)
            if record is None or not record.is_live:
                missing.append(identifier)
            elif record.id not in one.members:
                one.members[record.id] = self.clock.now()
                added.append(record.id)
        for identifier in remove:
            if one.members.pop(identifier, None) is not None:
                removed.append(identifier)
        one.version += 1
        return added, removed, missing

    def standing(self, one):
        """Who stands on a list, in the order of joining: live records; of merged ones the winner."""
        if one.rule is not None:
            name, value = one.rule
            return [(record.id, record.modified) for record in self.store.live(one.kind) if record.fields.get(name) == value]
        found = {}
        for identifier, since in one.members.items():
            record = self.store.settle(one.kind, identifier)
            if record is not None and record.is_live:
                found[record.id] = min(since, found.get(record.id, since))
        return sorted(found.items(), key=lambda pair: (pair[1], int(pair[0])))

    # Requests

    def _find(self, identifier, is_deleted=False):
        found = self.lists.get(identifier)
        if found is None or (found.deleted is not None) != is_deleted:
            raise errors.refusal(404, f"List does not exist with ID {identifier}.", "OBJECT_NOT_FOUND")
        return found

    def _shown(self, one):
        shown = {
            "listId": one.id, "listVersion": one.version, "name": one.name, "objectTypeId": TYPES[one.kind][1], "processingType": one.processing,
            "processingStatus": "COMPLETE", "createdAt": utc_ms(one.created), "updatedAt": utc_ms(one.updated), "createdById": "9000",
            "updatedById": "9000",
        }
        return shown if one.deleted is None else shown | {"deletedAt": utc_ms(one.deleted)}

    def search(self, request):
        body = request.object()
        count, offset = body.get("count") or SEARCH_DEFAULT, body.get("offset") or 0
        if not 0 < count <= SEARCH_MAXIMUM or offset < 0:
            raise errors.refusal(400, f"count must be between 1 and {SEARCH_MAXIMUM}", "VALIDATION_ERROR")
        wanted, text, identifiers = body.get("processingTypes") or PROCESSING, (body.get("query") or "").casefold(), body.get("listIds")
        found = [one for one in self.lists.values() if one.deleted is None and one.processing in wanted and text in one.name.casefold()
                 and (not identifiers or one.id in identifiers)]
        page = found[offset: offset + count]
        known = {"hs_list_size": lambda one: str(len(self.standing(one))), "hs_list_size_week_delta": lambda one: "0"}
        results = [self._shown(one) | {"additionalProperties": {
            name: known[name](one) for name in body.get("additionalProperties") or [] if name in known}} for one in page]
        return Reply(200, {"lists": results, "offset": offset + len(page), "hasMore": offset + count < len(found), "total": len(found)})

    def create(self, request):
        body = request.object()
        kind = ALIASES.get(body.get("objectTypeId"))
        if not body.get("name") or kind is None:
            raise errors.refusal(400, "A list has a name and an object type", "VALIDATION_ERROR")
        return Reply(200, {"list": self._shown(self.make(body["name"], kind, body.get("processingType")))})

    def get(self, request):
        return Reply(200, {"list": self._shown(self._find(request.parts["list"]))})

    def rename(self, request):
        one = self._find(request.parts["list"])
        one.name, one.updated = request.query.get("listName") or one.name, self.clock.now()
        return Reply(200, {"updatedList": self._shown(one)})

    def remove(self, request):
        self._find(request.parts["list"]).deleted = self.clock.now()
        return Reply(204)

    def restore(self, request):
        self._find(request.parts["list"], is_deleted=True).deleted = None
        return Reply(204)

    def joined(self, request):
        """A page of members in the order of joining; the place in it is no number that a client may reckon with."""
        one, limit = self._find(request.parts["list"]), request.whole("limit", PAGE_DEFAULT)
        if not 0 < limit <= PAGE_MAXIMUM:
            raise errors.refusal(400, f"limit must be between 1 and {PAGE_MAXIMUM}", "VALIDATION_ERROR")
        members = self.standing(one)
        after = request.query.get("after")
        try:
            begin = int(after, 36) if after else 0
        except ValueError:
            raise errors.refusal(400, "The after parameter is not valid", "VALIDATION_ERROR") from None
        made = {"results": [{"recordId": identifier, "membershipTimestamp": utc_ms(since)} for identifier, since in members[begin: begin + limit]]}
        if begin + limit < len(members):
            made["paging"] = {"next": {"after": self._place(begin + limit), "link": f"{self.system.url}{request.path}?after={self._place(begin + limit)}"}}
        return Reply(200, made)

    @staticmethod
    def _place(number):
        digits = ""
        while number:
            number, digit = divmod(number, 36)
            digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
        return digits or "0"

    def of_record(self, request):
        """All lists on which a record stands, unpaged. One that is not there stands on none (unverified)."""
        kind = self.system.kind(request.parts["type"])
        record, results = self.store.settle(kind, request.parts["record"]), []
        for one in self.lists.values():
            since = dict(self.standing(one)).get(record.id if record else None) if one.kind == kind and one.deleted is None else None
            if since is not None:
                results.append({"listId": one.id, "listVersion": one.version, "firstAddedTimestamp": utc_ms(since), "lastAddedTimestamp": utc_ms(since)})
        return Reply(200, {"results": results, "total": len(results)})

    def write(self, request):
        """Adds and removes. A list that HubSpot computes takes neither."""
        one, body = self._find(request.parts["list"]), request.object()
        add, remove = body.get("recordIdsToAdd") or [], body.get("recordIdsToRemove") or []
        if one.processing == "DYNAMIC":
            self.system.marks["dynamic-list-written"] += 1
            raise errors.refusal(400, "Memberships of a DYNAMIC list cannot be changed", "VALIDATION_ERROR")
        if len(add) + len(remove) > CHANGED_MAXIMUM:
            raise errors.refusal(400, f"At most {CHANGED_MAXIMUM} records are changed at once", "VALIDATION_ERROR")
        if not all(isinstance(identifier, str) and identifier.isdigit() for identifier in [*add, *remove]):
            raise errors.refusal(400, "A record id is a number", "VALIDATION_ERROR")
        added, removed, missing = self.change(one, add, remove)
        return Reply(200, {"recordsIdsAdded": added, "recordIdsRemoved": removed, "recordIdsMissing": missing})

    # Behind the client's back

    def administer(self, body):
        """`make {name, kind, processing?, rule?}`, or of `list`: `add`, `remove`, `name`, `deleted`; answers the list with its members."""
        if "list" in body:
            one = self.lists[body["list"]]
            self.change(one, body.get("add", []), body.get("remove", []))
            one.name = body.get("name", one.name)
            if "deleted" in body:
                one.deleted = self.clock.now() if body["deleted"] else None
        else:
            one = self.make(body["name"], body.get("kind", "contacts"), body.get("processing", "MANUAL"), body.get("rule"))
            self.change(one, body.get("add", []), [])
        return {"list": one.id, "name": one.name, "members": [identifier for identifier, _ in self.standing(one)]}

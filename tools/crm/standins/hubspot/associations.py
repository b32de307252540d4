"""HubSpot's associations, version 4: links between two records, with a type or several.

Contact to company is 279, primary 1; company to contact 280, primary 2. A link does not move the stamp of a record (unverified). Labels of
an account's own are made for a pair of types, in both directions at once.
"""

from ..clock import utc_ms
from ..exchange import Reply
from . import errors

DEFAULTS = {("contacts", "companies"): 279, ("companies", "contacts"): 280, ("deals", "contacts"): 3, ("contacts", "deals"): 4,
            ("deals", "companies"): 341, ("companies", "deals"): 342, ("tickets", "contacts"): 16, ("contacts", "tickets"): 15,
            ("calls", "contacts"): 194, ("contacts", "calls"): 193, ("emails", "contacts"): 198, ("contacts", "emails"): 197}
LABELS = {1: "Primary", 2: "Primary"}
OPPOSITE = {1: 2, 2: 1, 279: 280, 280: 279}


FIRST_LABEL, LABEL_MAXIMUM, PAGE = 36, 50, 500


class Associations:
    """The handlers of links."""

    def __init__(self, system):
        self.system, self.store = system, system.store
        # Of each pair of types the account's own labels: number to text.
        self.labels, self._opposite, self._next = {}, dict(OPPOSITE), FIRST_LABEL

    def _pair(self, request):
        return self.system.kind(request.parts["type"]), self.system.kind(request.parts["other"])

    def _default(self, one, other):
        return DEFAULTS.get((one, other), 0)

    def _demand(self, kind, identifier):
        record = self.store.find(kind, str(identifier))
        if record is None or not record.is_live:
            raise errors.missing(str(identifier))
        return record

    def _link(self, kinds, one, other, types):
        self._demand(kinds[0], one)
        self._demand(kinds[1], other)
        for number in {*types, self._default(*kinds)}:
            if number not in LABELS and number != self._default(*kinds) and number not in self.labels.get(kinds, {}):
                raise errors.refusal(400, f"{number} is no association type of these objects", "VALIDATION_ERROR")
            back = self._opposite.get(number, self._default(kinds[1], kinds[0]))
            self.store.link((kinds[0], str(one)), (kinds[1], str(other)), number, back)

    def link_new(self, record, associations):
        """The links that come with the making of a record."""
        for one in associations or []:
            target = next((kind for kind in self.store.kinds if self.store.find(kind, str(one["to"]["id"])) is not None), None)
            if target is None:
                raise errors.missing(str(one["to"]["id"]))
            self._link((record.kind, target), record.id, one["to"]["id"], [number["associationTypeId"] for number in one.get("types") or []])

    def _spec(self, kinds, number):
        own = self.labels.get(kinds, {}).get(number)
        made = {"category": "HUBSPOT_DEFINED" if own is None else "USER_DEFINED", "typeId": number}
        label = own or LABELS.get(number)
        return made | ({"label": label} if label else {})

    def _shown(self, kinds, identifier, numbers):
        return {"toObjectId": identifier, "associationTypes": [self._spec(kinds, number) for number in sorted(numbers)]}

    def list_labels(self, request):
        kinds = self._pair(request)
        numbers = [self._default(*kinds), *([1 if kinds == ("contacts", "companies") else 2] if "companies" in kinds and "contacts" in kinds else []),
                   *self.labels.get(kinds, {})]
        return Reply(200, {"results": [self._spec(kinds, number) for number in numbers]})

    def create_label(self, request):
        """A label in both directions, with a number for each."""
        kinds, body = self._pair(request), request.object()
        label = body.get("label")
        if not label or not body.get("name") or len(label) > LABEL_MAXIMUM or label in self.labels.get(kinds, {}).values():
            raise errors.refusal(400, "The label is missing, too long or there already", "VALIDATION_ERROR")
        there, back = self._next, self._next + 1
        self._next += 2
        self.labels.setdefault(kinds, {})[there] = label
        self.labels.setdefault(kinds[::-1], {})[back] = body.get("inverseLabel") or label
        self._opposite |= {there: back, back: there}
        return Reply(200, {"results": [self._spec(kinds, there), self._spec(kinds[::-1], back)]})

    def remove_labels(self, request):
        """Takes labels off; that the records belong together stays."""
        kinds = self._pair(request)
        for one in request.object().get("inputs") or []:
            here, there = (kinds[0], str(one["from"]["id"])), (kinds[1], str(one["to"]["id"]))
            for spec in one["types"]:
                number = spec["associationTypeId"]
                self.store.links.get(here, {}).get(there, set()).discard(number)
                self.store.links.get(there, {}).get(here, set()).discard(self._opposite.get(number))
        return Reply(204)

    def _batch(self, results, status=200):
        stamp = utc_ms(self.system.clock.now())
        return Reply(status, {"status": "COMPLETE", "results": results, "startedAt": stamp, "completedAt": stamp})

    def _default_result(self, kinds, one, other):
        return {"from": {"id": str(one)}, "to": {"id": str(other)},
                "associationSpec": {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": self._default(*kinds)}}

    def put_default(self, request):
        kinds = self._pair(request)
        self._link(kinds, request.parts["id"], request.parts["target"], [])
        return self._batch([self._default_result(kinds, request.parts["id"], request.parts["target"])])

    def _labels(self, kinds, one, other, types):
        self._link(kinds, one, other, types)
        return {"fromObjectTypeId": self.system.number(kinds[0]), "fromObjectId": str(one), "toObjectTypeId": self.system.number(kinds[1]),
                "toObjectId": str(other), "labels": [label for label in (self._spec(kinds, number).get("label") for number in types) if label]}

    def put(self, request):
        types = [one["associationTypeId"] for one in request.json()]
        return Reply(201, self._labels(self._pair(request), request.parts["id"], request.parts["target"], types))

    def delete(self, request):
        kinds = self._pair(request)
        self.store.unlink((kinds[0], request.parts["id"]), (kinds[1], request.parts["target"]))
        return Reply(204)

    def list(self, request):
        kinds = self._pair(request)
        self._demand(kinds[0], request.parts["id"])
        linked = self.store.linked((kinds[0], request.parts["id"]), kinds[1])
        limit, after = request.whole("limit", PAGE), request.whole("after", 0)
        made = {"results": [self._shown(kinds, *one) for one in linked[after: after + limit]]}
        if after + limit < len(linked):
            made["paging"] = {"next": {"after": str(after + limit)}}
        return Reply(200, made)

    def batch_read(self, request):
        """Results of records that have links; for those that have none the reply has an error (207)."""
        kinds, results, faults = self._pair(request), [], []
        for one in request.object().get("inputs") or []:
            linked = self.store.linked((kinds[0], str(one["id"])), kinds[1])
            if linked:
                after = int(one.get("after") or 0)
                result = {"from": {"id": str(one["id"])}, "to": [self._shown(kinds, *other) for other in linked[after: after + PAGE]]}
                if after + PAGE < len(linked):
                    result["paging"] = {"next": {"after": str(after + PAGE)}}
                results.append(result)
            else:
                context = {"fromObjectId": [str(one["id"])]}
                faults.append(errors.item("No association was found", "OBJECT_NOT_FOUND", context))
        reply = self._batch(results, 207 if faults else 200)
        if faults:
            reply.body |= {"numErrors": len(faults), "errors": faults}
        return reply

    def batch_create(self, request):
        kinds = self._pair(request)
        return self._batch([self._labels(kinds, one["from"]["id"], one["to"]["id"], [number["associationTypeId"] for number in one["types"]])
                            for one in request.object().get("inputs") or []], 201)

    def batch_default(self, request):
        kinds, results = self._pair(request), []
        for one in request.object().get("inputs") or []:
            self._link(kinds, one["from"]["id"], one["to"]["id"], [])
            results.append(self._default_result(kinds, one["from"]["id"], one["to"]["id"]))
        return self._batch(results)

    def batch_archive(self, request):
        kinds = self._pair(request)
        for one in request.object().get("inputs") or []:
            for other in one["to"]:
                self.store.unlink((kinds[0], str(one["from"]["id"])), (kinds[1], str(other["id"])))
        return Reply(204)

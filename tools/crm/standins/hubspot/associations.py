"""HubSpot's associations, version 4: links between two records, with a type or several.

Contact to company is 279, primary 1; company to contact 280, primary 2. A link does not move the stamp of a record (unverified).
"""

from ..clock import utc_ms
from ..exchange import Reply
from . import errors

DEFAULTS = {("contacts", "companies"): 279, ("companies", "contacts"): 280, ("deals", "contacts"): 3, ("contacts", "deals"): 4,
            ("deals", "companies"): 341, ("companies", "deals"): 342, ("tickets", "contacts"): 16, ("contacts", "tickets"): 15,
            ("calls", "contacts"): 194, ("contacts", "calls"): 193, ("emails", "contacts"): 198, ("contacts", "emails"): 197}
LABELS = {1: "Primary", 2: "Primary"}
OPPOSITE = {1: 2, 2: 1, 279: 280, 280: 279}


class Associations:
    """The handlers of links."""

    def __init__(self, system):
        self.system, self.store = system, system.store

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
            back = OPPOSITE.get(number, self._default(kinds[1], kinds[0]))
            self.store.link((kinds[0], str(one)), (kinds[1], str(other)), number, back)

    def link_new(self, record, associations):
        """The links that come with the making of a record."""
        for one in associations or []:
            target = next((kind for kind in self.store.kinds if self.store.find(kind, str(one["to"]["id"])) is not None), None)
            if target is None:
                raise errors.missing(str(one["to"]["id"]))
            self._link((record.kind, target), record.id, one["to"]["id"], [number["associationTypeId"] for number in one.get("types") or []])

    @staticmethod
    def _shown(identifier, numbers):
        return {"toObjectId": identifier, "associationTypes": [
            {"category": "HUBSPOT_DEFINED", "typeId": number, "label": LABELS.get(number)} if number in LABELS
            else {"category": "HUBSPOT_DEFINED", "typeId": number} for number in sorted(numbers)]}

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
                "toObjectId": str(other), "labels": [LABELS[number] for number in types if number in LABELS]}

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
        limit, after = request.whole("limit", 500), request.whole("after", 0)
        made = {"results": [self._shown(*one) for one in linked[after: after + limit]]}
        if after + limit < len(linked):
            made["paging"] = {"next": {"after": str(after + limit)}}
        return Reply(200, made)

    def batch_read(self, request):
        """Results of records that have links; for those that have none the reply has an error (207)."""
        kinds, results, faults = self._pair(request), [], []
        for one in request.object().get("inputs") or []:
            linked = self.store.linked((kinds[0], str(one["id"])), kinds[1])
            if linked:
                results.append({"from": {"id": str(one["id"])}, "to": [self._shown(*other) for other in linked]})
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

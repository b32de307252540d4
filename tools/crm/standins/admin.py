"""What a test does to a stand-in behind the client's back, under `/_standin/`. All bodies are JSON objects.

    GET  status                             counters, marks, faults, the server's time
    GET  log                                the last 2,000 requests
    GET  records?kind=K                     every record, also those that are gone
    POST create   {kind, records, stamp?}   records are field objects; stamp in ms; answers ids
    POST seed     {kind, count, stamp?}     numbered records
    POST edit     {kind, ids | all, fields, stamp?, actor?}      one stamp for all of them
    POST delete   {kind, ids, purge?}
    POST restore  {kind, ids}
    POST merge    {kind, winner, loser}
    POST link     {from: [kind, id], to: [kind, id], label?}
    POST lists    {name, kind?, processing?, rule?, add?} | {list, add?, remove?, name?, deleted?}     HubSpot's lists
    POST faults   {add?, clear?}            the form is in faults.py
    POST advance  {seconds}                 moves the server's clock
    POST limits   {on}
    POST reset                              counters, marks and log begin anew
    POST webhooks {url, secret?}
    POST deliver  {url?, duplicate?, shuffle?, lose?, send?}
"""

from .exchange import BadRequest, Reply


class Admin:
    """The answers to a test."""

    def __init__(self, standin):
        self._standin = standin

    def answer(self, request):
        name = request.method.lower() + "_" + request.path.removeprefix("/_standin/").replace("-", "_")
        handler = getattr(self, name, None) if name.startswith(("get_", "post_")) else None
        if handler is None:
            return Reply(404, {"error": f"no {request.path}"})
        try:
            if name == "post_deliver":  # Takes the lock itself: whoever is told may ask at once.
                return Reply(200, handler(request.object()))
            with self._standin.lock:
                return Reply(200, handler(request.query if request.method == "GET" else request.object()))
        except (BadRequest, KeyError, TypeError, ValueError) as error:
            return Reply(400, {"error": f"{type(error).__name__}: {error}"})

    def get_status(self, _):
        standin = self._standin
        return {
            "vendor": standin.name, "url": standin.url, "now": standin.clock.now(), "counters": dict(standin.counters),
            "marks": dict(standin.marks), "conditions": standin.faults.conditions, "faults": [fault.name for fault in standin.faults.waiting],
            "records": {kind: len(records) for kind, records in standin.store.kinds.items()},
        }

    def get_log(self, _):
        return {"requests": list(self._standin.log)}

    def get_records(self, query):
        return {"records": [{
            "id": record.id, "fields": record.fields, "created": record.created, "modified": record.modified, "deleted": record.deleted,
            "purged": record.is_purged, "mergedInto": record.merged_into, "actor": record.actor,
        } for record in self._standin.store.all(query["kind"])]}

    def post_create(self, body):
        standin = self._standin
        made = [standin.store.create(body["kind"], standin.clean(fields), stamp=body.get("stamp"), actor=body.get("actor", "person"))
                for fields in body["records"]]
        return {"ids": [record.id for record in made]}

    def post_seed(self, body):
        self._standin.seed(body["kind"], body["count"], body.get("stamp"))
        return {}

    def _records(self, body):
        store = self._standin.store
        if body.get("all"):
            return store.live(body["kind"])
        found = [store.find(body["kind"], identifier) for identifier in body["ids"]]
        if None in found:
            raise ValueError("no such id")
        return found

    def post_edit(self, body):
        stamp = body.get("stamp", self._standin.clock.now())
        for record in self._records(body):
            self._standin.store.update(record, body.get("fields", {}), stamp=stamp, actor=body.get("actor", "person"))
        return {"stamp": stamp}

    def post_delete(self, body):
        for record in self._records(body):
            self._standin.store.delete(record, stamp=body.get("stamp"), actor="person", purge=body.get("purge", False))
        return {}

    def post_restore(self, body):
        for record in self._records(body):
            self._standin.store.restore(record, actor="person")
        return {}

    def post_merge(self, body):
        winner, loser = self._records({"kind": body["kind"], "ids": [body["winner"], body["loser"]]})
        self._standin.merge_records(winner, loser)
        return {}

    def post_link(self, body):
        self._standin.store.link(tuple(body["from"]), tuple(body["to"]), body.get("label"), body.get("backLabel"))
        return {}

    def post_unlink(self, body):
        self._standin.store.unlink(tuple(body["from"]), tuple(body["to"]))
        return {}

    def post_links(self, body):
        """What a record is linked to: ids with the labels' numbers."""
        links = self._standin.store.links.get(tuple(body["of"]), {})
        return {"links": [{"id": other[1], "kind": other[0], "labels": sorted(one for one in labels if one is not None)}
                          for other, labels in sorted(links.items())]}

    def post_lists(self, body):
        """Makes or changes a list of a vendor that has them."""
        return self._standin.administer_lists(body)

    def post_faults(self, body):
        if body.get("clear"):
            self._standin.faults.clear()
        self._standin.faults.add(body.get("add"))
        self._standin.settle_conditions()
        return {"faults": [fault.name for fault in self._standin.faults.waiting], "conditions": self._standin.faults.conditions}

    def post_advance(self, body):
        self._standin.clock.advance(body["seconds"])
        return {"now": self._standin.clock.now()}

    def post_limits(self, body):
        self._standin.options.limits = bool(body["on"])
        return {}

    def post_reset(self, _):
        self._standin.counters.clear()
        self._standin.marks.clear()
        self._standin.log.clear()
        return {}

    def post_webhooks(self, body):
        self._standin.webhooks.url = body["url"]
        self._standin.webhooks.secret = body.get("secret", self._standin.webhooks.secret)
        return {}

    def post_deliver(self, body):
        return {"batches": self._standin.webhooks.deliver(
            url=body.get("url"), duplicate=body.get("duplicate", 0), shuffle=body.get("shuffle", False), lose=body.get("lose", 0),
            send=body.get("send", True))}

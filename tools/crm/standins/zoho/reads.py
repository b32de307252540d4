"""Zoho's reading: lists by page and by page token, what was deleted, searches, COQL.

Nothing found is 204 without a body; nothing changed since `If-Modified-Since` is 304 without one. Whether that time is within or
without is not documented; here records of that very second are not among the changed, so that a client needs an overlap.
"""

import json
import re

from ..clock import DAY_MS, parse
from ..conditions import And, Condition, Or
from ..exchange import Reply
from ..query_language import MalformedQuery, Query

PAGE_MAXIMUM, PAGED_RECORDS_MAXIMUM, FIELDS_MAXIMUM = 200, 2000, 50
PAGE_TOKEN_MS = DAY_MS
COQL_MAXIMUM = 2000


class Reads:
    """The handlers of lists."""

    def __init__(self, system):
        self.system, self.store = system, system.store
        self._page_tokens = {}

    def _size(self, request):
        size = request.whole("per_page", PAGE_MAXIMUM)
        if not 1 <= size <= PAGE_MAXIMUM:
            raise self.system.refusal(400, "INVALID_DATA", "the per_page given is invalid", {"param_name": "per_page"})
        return size

    def _fields(self, request):
        names = request.list("fields")
        if not names:
            raise self.system.refusal(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", {"param_name": "fields"})
        if len(names) > FIELDS_MAXIMUM:
            raise self.system.refusal(400, "LIMIT_EXCEEDED", "more than 50 fields", {"param_name": "fields", "limit": FIELDS_MAXIMUM})
        return names

    def _since(self, request):
        text = request.header("If-Modified-Since")
        since = parse(text) if text else None
        if text and since is None:
            raise self.system.refusal(400, "INVALID_DATA", "invalid time", {"header_name": "If-Modified-Since"})
        return since

    def list(self, request):
        module, names, size = self.system.module(request), self._fields(request), self._size(request)
        page, token = request.whole("page", 1), request.query.get("page_token")
        sort, order = request.query.get("sort_by", "id"), request.query.get("sort_order", "desc")
        if sort not in ("id", "Created_Time", "Modified_Time") or order not in ("asc", "desc"):
            raise self.system.refusal(400, "INVALID_DATA", "the sort given is invalid", {"param_name": "sort_by"})
        if token and "page" in request.query:
            raise self.system.refusal(400, "AMBIGUITY_DURING_PROCESSING", "page and page_token cannot be given together", {"param_name": "page"})
        since = self._since(request)
        if token:
            found, begin = self._continued(token)
        else:
            begin = (page - 1) * size
            if begin + size > PAGED_RECORDS_MAXIMUM:
                message = "Only the first 2000 records can be fetched by page; use page_token"
                raise self.system.refusal(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED", message, {"limit": PAGED_RECORDS_MAXIMUM})
            found = self._sorted(module, since, request.list("ids"), sort, order)
        rows = [record for record in found[begin: begin + size] if record.is_live]
        if not rows:
            return Reply(304 if since is not None and begin == 0 else 204)
        more = begin + size < len(found)
        info = {"per_page": size, "count": len(rows), "page": begin // size + 1, "sort_by": sort, "sort_order": order, "more_records": more,
                "next_page_token": None, "page_token_expiry": None}
        if more:
            info["next_page_token"], until = self._token(found, begin + size)
            info["page_token_expiry"] = self.system.time(until)
        return Reply(200, {"data": [self.system.shown(record, names) for record in rows], "info": info})

    def _sorted(self, module, since, ids, sort, order):
        condition = And() if since is None else Condition("@modified", "gt", since)
        if ids:
            condition = And(condition, Condition("@id", "in", [int(one) for one in ids if one.isdigit()]))
        if sort == "id":
            found = self.store.in_order(module, condition)
        elif sort == "Created_Time":
            found = sorted(self.store.select(module, condition), key=lambda record: (record.created, record.order))
        else:
            found = self.store.select(module, condition)
        return found[::-1] if order == "desc" else found

    def _token(self, found, begin):
        token = f"{self.system.random.getrandbits(256):064x}"
        until = self.system.clock.now() + PAGE_TOKEN_MS
        self._page_tokens[token] = (until, found, begin)
        return token, until

    def _continued(self, token):
        until, found, begin = self._page_tokens.get(token, (0, [], 0))
        if until < self.system.clock.now():
            raise self.system.refusal(400, "INVALID_DATA", "the page_token given is invalid", {"param_name": "page_token"})
        return found, begin

    def deleted(self, request):
        """What is in the recycle bin and what is gone from it. A merge's loser is among the latter (unverified)."""
        module, size, page = self.system.module(request), self._size(request), request.whole("page", 1)
        since, wanted = self._since(request), request.query.get("type", "all")
        found = [record for record in self.store.all(module) if not record.is_live and (since is None or record.modified > since)]
        found = [record for record in found if wanted in ("all", self._bin(record))]
        found.sort(key=lambda record: (-record.modified, record.order))
        rows = found[(page - 1) * size: page * size]
        if not rows:
            return Reply(304 if since is not None and page == 1 else 204)
        info = {"per_page": size, "count": len(rows), "page": page, "more_records": page * size < len(found)}
        return Reply(200, {"data": [{
            "id": record.id, "display_name": self.system.display_name(record), "type": self._bin(record), "deleted_by": self.system.user,
            "created_by": self.system.user, "deleted_time": self.system.time(record.modified)} for record in rows], "info": info})

    @staticmethod
    def _bin(record):
        return "permanent" if record.is_purged or record.merged_into else "recycle"

    def search(self, request):
        """By `email`, `phone`, `word` or `criteria` such as `(External_ID:equals:7)`; the index may lag."""
        module, size, page = self.system.module(request), self._size(request), request.whole("page", 1)
        query = request.query
        if "criteria" in query:
            condition = self._criteria(query["criteria"])
        elif "email" in query:
            condition = Condition("Email", "eq", query["email"])
        elif "phone" in query:
            condition = Or(Condition("Phone", "eq", query["phone"]), Condition("Mobile", "eq", query["phone"]))
        elif "word" in query:
            condition = Or(*(Condition(name, "contains", query["word"]) for name in ("Last_Name", "First_Name", "Account_Name", "Email")))
        else:
            raise self.system.refusal(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", {"param_name": "criteria"})
        found = self.store.select(module, condition, is_indexed=True)
        rows = found[(page - 1) * size: page * size]
        if not rows:
            return Reply(204)
        names = request.list("fields") or list(self.system.fields[module])
        info = {"per_page": size, "count": len(rows), "page": page, "more_records": page * size < len(found)}
        return Reply(200, {"data": [self.system.shown(record, names) for record in rows], "info": info})

    def _criteria(self, text):
        parts = re.findall(r"\(([\w.]+):(equals|not_equal|starts_with|in):((?:[^()\\]|\\.)*)\)", text)
        if not parts:
            raise self.system.refusal(400, "INVALID_QUERY", "invalid query formed", {"reason": "criteria"})
        operations = {"equals": "eq", "not_equal": "ne", "starts_with": "starts", "in": "in"}
        made = []
        for name, operation, value in parts:
            value = re.sub(r"\\(.)", r"\1", value)
            if name == "id":
                made.append(Condition("@id", "in", [int(one) for one in value.split(",") if one.isdigit()]))
            else:
                made.append(Condition(name, operations[operation], value.split(",") if operation == "in" else value))
        return Or(*made) if re.search(r"\)\s*or\s*\(", text) else And(*made)

    def coql(self, request):
        try:
            asked = Query(str(request.object().get("select_query", "")), self._condition)
        except MalformedQuery as fault:
            raise self.system.refusal(400, "SYNTAX_ERROR", str(fault)) from None
        module = self.system.known(asked.object)
        found = self.store.select(module, asked.condition)
        for name, is_down in reversed(asked.orders):
            found = sorted(found, key=lambda record: self._key(record, name), reverse=is_down)
        size = min(asked.limit or 200, COQL_MAXIMUM)
        rows = found[asked.offset: asked.offset + size]
        if not rows:
            return Reply(204)
        names = [name for name in asked.fields if name != "id"]
        return Reply(200, {"data": [self.system.shown(record, names) for record in rows],
                           "info": {"count": len(rows), "more_records": asked.offset + size < len(found)}})

    def _key(self, record, name):
        if name == "id":
            return record.order
        if name in ("Modified_Time", "Created_Time"):
            return record.modified if name == "Modified_Time" else record.created
        return json.dumps(record.fields.get(name), ensure_ascii=False)

    def _condition(self, name, operation, value):
        if name in ("Modified_Time", "Created_Time"):
            field = "@modified" if name == "Modified_Time" else "@created"
            times = [parse(one) for one in (value if isinstance(value, (tuple, list)) else [value])]
            if None in times:
                raise MalformedQuery(f"{name} is compared with what is no time")
            return Condition(field, operation, tuple(times) if operation == "between" else times[0])
        if name == "id":
            return Condition("@id", operation, [int(one) for one in value] if isinstance(value, list) else int(value))
        return Condition(name, operation, value)

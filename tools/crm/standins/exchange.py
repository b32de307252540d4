"""A request as a stand-in sees it, and a reply."""

import json
import urllib.parse


class Request:
    """One HTTP request, read whole."""

    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        split = urllib.parse.urlsplit(target)
        self.path = urllib.parse.unquote(split.path)
        self.query = {name: values[-1] for name, values in urllib.parse.parse_qs(split.query, keep_blank_values=True).items()}
        self.queries = urllib.parse.parse_qs(split.query, keep_blank_values=True)
        # What the route's pattern caught.
        self.parts = {}

    def header(self, name):
        return self.headers.get(name)

    def list(self, name):
        """A parameter that is repeated or divided by commas."""
        return [part.strip() for value in self.queries.get(name, []) for part in value.split(",") if part.strip()]

    def whole(self, name, otherwise):
        """A parameter that is a whole number."""
        try:
            return int(self.query[name]) if name in self.query else otherwise
        except ValueError:
            raise BadRequest(f"{name} is not a number") from None

    def says(self, name):
        """A parameter that is true or false."""
        return self.query.get(name, "").lower() == "true"

    def json(self):
        """The body as a JSON object or array. Raises BadRequest."""
        try:
            document = json.loads(self.body) if self.body else {}
        except (ValueError, RecursionError):
            raise BadRequest("The body is not JSON") from None
        return document

    def object(self):
        """The body as a JSON object. Raises BadRequest."""
        document = self.json()
        if not isinstance(document, dict):
            raise BadRequest("The body is no JSON object")
        return document

    def form(self):
        """The body as a form, or the query where the body is empty."""
        if not self.body:
            return dict(self.query)
        return {name: values[-1] for name, values in urllib.parse.parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True).items()}


class Reply:
    """One reply. A body that is not bytes is sent as JSON; None is an empty body."""

    def __init__(self, status=200, body=None, headers=None, content_type="application/json;charset=utf-8"):
        self.status, self.body, self.headers, self.content_type = status, body, dict(headers or {}), content_type

    def encoded(self):
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


class BadRequest(Exception):
    """A request that the vendor cannot read; each vendor says so in its own form."""


class Refusal(Exception):
    """A reply that ends the handling of a request."""

    def __init__(self, reply):
        super().__init__(str(reply.status))
        self.reply = reply

"""HubSpot's errors: the envelope `Error` of its OpenAPI documents, and the texts that clients have seen."""

import uuid

from ..exchange import Refusal, Reply


def body(message, category, errors=None, context=None):
    made = {"status": "error", "message": message, "correlationId": str(uuid.uuid4()), "category": category}
    if errors:
        made["errors"] = errors
    if context:
        made["context"] = context
    return made


def refusal(status, message, category, errors=None, context=None):
    return Refusal(Reply(status, body(message, category, errors, context)))


def item(message, category, context, errors=()):
    """A `StandardError`: one input of a batch that was refused, all six keys of which are required."""
    return {"status": "error", "category": category, "message": message, "context": context, "errors": list(errors), "links": {}}


def missing(identifier=None):
    """404 for an object; its body is from clients' reports, not from the OpenAPI document."""
    return refusal(404, "resource not found", "OBJECT_NOT_FOUND", context={"id": [identifier]} if identifier else None)


class InvalidProperties(Exception):
    """Values that a record cannot take, each as an `ErrorDetail`."""

    def __init__(self, details):
        super().__init__("Property values were not valid")
        self.details = details

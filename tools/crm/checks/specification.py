"""Whether a reply has the shape that a vendor's OpenAPI document gives it."""

import json

import jsonschema


class Specification:
    """One OpenAPI document. References to other documents are taken to allow anything."""

    def __init__(self, path):
        document = json.loads(path.read_text())
        self.paths = document["paths"]
        self.components = _plain(document.get("components", {}))

    def faults(self, method, path, status, body):
        """What does not fit, one line each. `path` is the document's template."""
        responses = self.paths[path][method.lower()]["responses"]
        response = responses.get(str(status)) or responses.get("default")
        if response is None:
            return [f"no status {status}"]
        if "$ref" in response:
            response = self.components["responses"][response["$ref"].rpartition("/")[2]]
        content = response.get("content") or {}
        if not content:
            return []
        schema = _plain(next(iter(content.values())).get("schema", {})) | {"components": self.components}
        found = jsonschema.Draft202012Validator(schema).iter_errors(body)
        return [f"{'/'.join(map(str, fault.absolute_path))} {_deepest(fault).message[:160]}" for fault in found]


def _deepest(fault):
    while fault.context:
        fault = max(fault.context, key=lambda inner: len(inner.absolute_path))
    return fault


def _plain(node):
    """OpenAPI 3.0 as JSON Schema: `nullable` becomes a type, formats and references to elsewhere are dropped.

    `oneOf` becomes `anyOf`: alternatives that demand nothing fit each other's objects.
    """
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node and not str(node["$ref"]).startswith("#/"):
        return {}
    dropped = ("nullable", "format", "example", "discriminator", "xml")
    made = {"anyOf" if name == "oneOf" else name: _plain(value) for name, value in node.items() if name not in dropped}
    if node.get("nullable") and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    return made

"""Holds answers seen in tests against docs/openapi.yaml."""
import functools
import json
import pathlib
import re

import jsonschema
import yaml

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
# What any route may answer and no operation lists.
ANYWHERE = {405, 431}


@functools.cache
def document():
    return yaml.safe_load(DOCUMENT.read_text())


def deref(node):
    while "$ref" in node:
        node = functools.reduce(lambda tree, key: tree[key], node["$ref"][2:].split("/"), document())
    return node


@functools.cache
def paths():
    return [(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)).rstrip("/") + "/?"), operations)
            for path, operations in document()["paths"].items()]


def operation_of(method, path):
    path = path.split("?")[0]
    for pattern, operations in paths():
        if pattern.fullmatch(path) and method.lower() in operations:
            return operations[method.lower()]
    return None


def who_may(operation):
    """-> "anyone", "bearer" (of a valid token) or "admin" """
    security = operation.get("security", document()["security"])
    return "anyone" if not security else security[0]["bearer"][0] if security[0]["bearer"] else "bearer"


def routes():
    """-> [("GET", "/users/{id}", "admin"), …]"""
    return [(method.upper(), path, who_may(operation))
            for path, operations in document()["paths"].items()
            for method, operation in operations.items()]


def body_members(method, path):
    """The members that a request's body may have; None where there is no body."""
    body = document()["paths"][path][method.lower()].get("requestBody")
    return body and list(deref(body["content"]["application/json"]["schema"])["properties"])


def check(method, path, answer):
    """Asserts that the answer (status, headers, body) is one that the document describes."""
    operation = operation_of(method, path)
    if operation is None or answer.status in ANYWHERE:
        return
    where = f"{method} {path} {answer.status}"
    described = operation["responses"].get(str(answer.status))
    assert described, f"{where}: not in {DOCUMENT.name}"
    described = deref(described)

    for name, header in described.get("headers", {}).items():
        header, value = deref(header), answer.headers.get(name)
        assert value is not None or not header.get("required"), f"{where}: no header {name}"
        if value is not None:
            validate(value, header["schema"], where)
    content = described.get("content")
    if not content:
        assert answer.body == b"", f"{where}: a body, where none is described"
        return
    media_type, form = next(iter(content.items()))
    assert answer.headers["Content-Type"].split(";")[0] == media_type, where
    validate(json.loads(answer.body), form["schema"], where)


def validate(value, schema, where):
    schema = {**schema, "components": document()["components"]}
    errors = list(jsonschema.Draft202012Validator(schema).iter_errors(value))
    assert not errors, f"{where}: {errors[0].message} at {list(errors[0].absolute_path)}"

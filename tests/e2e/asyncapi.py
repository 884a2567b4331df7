"""Holds events seen in tests against docs/asyncapi.yaml."""
import functools
import json
import pathlib

import jsonschema
import yaml

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "asyncapi.yaml"


@functools.cache
def validators():
    message = yaml.safe_load(DOCUMENT.read_text())["components"]["messages"]["orderCreated"]
    headers = message["headers"] | {"additionalProperties": False}
    return (jsonschema.Draft202012Validator(headers),
            jsonschema.Draft202012Validator(message["payload"]))


def check(event):
    """Asserts that the event (see topic.read_topic) is one that the document describes."""
    headers, payload = validators()
    value = json.loads(event["value"])
    errors = [*headers.iter_errors(event["headers"]), *payload.iter_errors(value)]
    assert not errors, f"event {event['key']}: {errors[0].message} at {list(errors[0].absolute_path)}"
    assert event["key"] == value["orderId"] == event["headers"]["ce_subject"]

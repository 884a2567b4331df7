"""A program in place of kubectl, as far as scripts/k8s goes: objects are files NAMESPACE/KIND/NAME/KEY
in $KUBECTL_STUB/objects, every call's arguments a line in $KUBECTL_STUB/calls. KUBECTL_FAULT="VERB NAME FAULT"
has that call fail."""
import base64
import json
import os
import pathlib
import re
import shutil
import sys

HOME = pathlib.Path(os.environ["KUBECTL_STUB"])
FAULTS = {
    "timeout": "Unable to connect to the server: dial tcp 192.0.2.1:6443: i/o timeout",
    "forbidden": "Error from server (Forbidden): secrets is forbidden",
    "exists": "Error from server (AlreadyExists): already exists",
}


def end(message):
    sys.exit(f"{message}\n")


def option(name, arguments):
    """Takes it out. -> its value, None when it is not there"""
    if name not in arguments:
        return None
    at = arguments.index(name)
    value = arguments[at + 1]
    del arguments[at:at + 2]
    return value


def get(folder, arguments):
    output = option("--output", arguments)
    assert arguments == ["--ignore-not-found"], arguments
    if not folder.exists():
        return
    data = {path.name: base64.b64encode(path.read_bytes()).decode()
            for path in sorted(folder.iterdir())}
    if output == "name":
        print(f"{folder.parent.name}/{folder.name}")
    elif field := re.fullmatch(r"jsonpath=\{\.data\.([A-Za-z_-]+)\}", output):
        value = data.get(field[1], "")
        print(base64.b64decode(value).decode() if folder.parent.name == "configmap" else value, end="")
    elif output.startswith("go-template={{range $name, $value := .data}}{{$name}}"):
        for name, value in data.items():
            print(f"{name} {value}" if " {{$value}}" in output else name)
    else:
        end(f"the stub knows no --output {output}")


def create(folder, arguments):
    source = option("--from-file", arguments)
    assert arguments == [], arguments
    if folder.exists():
        end(FAULTS["exists"])
    shutil.copytree(source, folder)


def patch(folder, arguments):
    source = option("--patch-file", arguments)
    assert arguments == ["--type", "merge"], arguments
    if not folder.exists():
        end("Error from server (NotFound): not found")
    change = json.loads(pathlib.Path(source).read_text(encoding="ascii"))
    for name, value in change["data"].items():
        if value is None:
            (folder / name).unlink(missing_ok=True)
        else:
            (folder / name).write_bytes(base64.b64decode(value, validate=True))


def main(arguments):
    with open(HOME / "calls", "a", encoding="utf-8") as calls:
        calls.write(json.dumps(arguments) + "\n")
    context, namespace = option("--context", arguments), option("-n", arguments)
    assert context == "stub", "with the caller's own context"
    verb, kind, name = arguments[0], arguments[1], arguments[2]
    rest = arguments[3:]
    if (verb, kind) == ("create", "secret"):  # create secret generic NAME
        assert name == "generic"
        name = rest.pop(0)
    fault = os.environ.get("KUBECTL_FAULT", "").split()
    if fault[:2] == [verb, name]:
        end(FAULTS[fault[2]])
    {"get": get, "create": create, "patch": patch}[verb](
        HOME / "objects" / namespace / kind / name, rest)


main(sys.argv[1:])

"""Every metric that k8s/monitoring names exists: the services make it, or it is one of Prometheus' or
of kube-state-metrics' own. A misspelt name is an alert that never comes."""
import json
import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOT_OURS = re.compile(r"up|kube_\w+")
KEYWORDS = {"and", "or", "unless", "by", "without"}


def metric_names(expression):
    """
    >>> sorted(metric_names('sum by (job) (rate(a_total{b="c[d"}[5m])) / e > 0.5 or f_bucket'))
    ['a_total', 'e', 'f']
    """
    text = re.sub(r'"[^"]*"', "", expression)
    text = re.sub(r"\{[^}]*\}|\[[^]]*\]|\b(by|without) *\([^)]*\)", " ", text)
    names = set(re.findall(r"(?<![\w.])[a-z_]\w*\b(?! *\()", text)) - KEYWORDS
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in names}


def expressions(tree):
    """Whatever stands under a key `expr`, in JSON inside of YAML too."""
    if isinstance(tree, str) and tree.startswith("{\n"):
        tree = json.loads(tree)
    if isinstance(tree, dict):
        if isinstance(tree.get("expr"), str):
            yield tree["expr"]
        tree = list(tree.values())
    if isinstance(tree, list):
        for branch in tree:
            yield from expressions(branch)


def unknown(names, sources):
    return sorted(name for name in names
                  if not NOT_OURS.fullmatch(name) and not re.search(rf"\b{name}\b", sources))


def main():
    sources = "".join(path.read_text(encoding="utf-8")
                      for folder in ("common", "user-svc", "order-svc")
                      for path in sorted((ROOT / folder).rglob("*.c")))
    names = set()
    for path in sorted((ROOT / "k8s" / "monitoring").glob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            for expression in expressions(document):
                names |= metric_names(expression)
    assert {"store_degraded", "http_request_duration_seconds", "up"} <= names, names
    assert unknown({"orders_pendign"}, sources), "a misspelt metric was not seen"
    if strangers := unknown(names, sources):
        raise SystemExit(f"k8s/monitoring: no service has the metrics {', '.join(strangers)}")


if __name__ == "__main__":
    import doctest
    assert doctest.testmod().failed == 0
    main()

"""Reads YAML as PyYAML or ruamel.yaml do. The table of what is written stands in README.md."""

import json
import math
import sys

reader = sys.argv[1]

if reader == "pyyaml":
    import yaml

    def load(text):
        return yaml.load(text, yaml.SafeLoader)

elif reader == "pyyaml-libyaml":
    import yaml

    def load(text):
        return yaml.load(text, yaml.CSafeLoader)

elif reader == "ruamel":
    from ruamel.yaml import YAML

    def load(text):
        return YAML(typ="safe", pure=True).load(text)

else:
    sys.exit(f"no such reader: {reader}")


def shown(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return {"n": str(value)}
    if isinstance(value, float) and math.isfinite(value):
        return {"n": repr(value)}
    if isinstance(value, list):
        return [shown(item) for item in value]
    if isinstance(value, dict):
        return {"m": [[shown(key), shown(item)] for key, item in value.items()]}
    return {"other": f"{type(value).__name__} {value}"}


sys.stdout.reconfigure(encoding="utf-8")
sys.stdin.reconfigure(encoding="utf-8")
for line in sys.stdin:
    try:
        result = shown(load(json.loads(line)))
    except Exception as error:  # whatever a reader throws is its answer
        result = {"error": (str(error).splitlines() or [type(error).__name__])[0]}
    # Escaped, because a reader may have made half a surrogate pair.
    print(json.dumps(result))

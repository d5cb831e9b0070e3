"""Of recorded answers those that are kept, an expression and its answer a line, as JSON.

What Kubernetes' type checker refuses is left out: our engine looks at values alone, and has functions of other users of CEL.
"""
import json
import sys

asked = json.load(sys.stdin)
lines = [{"schema": asked["schema"], "self": asked["self"]}]
lines += [[ask, answer] for ask, answer in zip(asked["asks"], asked["answers"]) if answer != "refused"]
for line in lines:
    print(json.dumps(line, ensure_ascii=False, separators=(",", ":")))

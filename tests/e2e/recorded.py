"""recorded.py SCHEMAS KIND...: every statement train/KIND/v1 that the log of the current folder holds is as its schema says, and there is one of each."""
import json
import os
import subprocess
import sys

import jsonschema

MAX_ENTRIES = 1000


def statements(value):
    if isinstance(value, dict):
        if "predicateType" in value and "predicate" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from statements(inner)


folder, *kinds = sys.argv[1:]
seen = dict.fromkeys(kinds, 0)
for index in range(MAX_ENTRIES):
    shown = subprocess.run([os.environ["SIGNALBOX"], "evidence", "show", str(index), "--json"], capture_output=True, text=True)
    if shown.returncode != 0:
        break
    for statement in statements(json.loads(shown.stdout)):
        kind = statement["predicateType"].removeprefix("https://signalbox.dev/train/").removesuffix("/v1")
        if kind in seen:
            seen[kind] += 1
            with open(f"{folder}/train-{kind}-v1.json") as file:
                jsonschema.Draft202012Validator(json.load(file)).validate(statement["predicate"])
assert all(seen.values()), seen

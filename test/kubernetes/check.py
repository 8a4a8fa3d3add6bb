"""Checks Kubernetes objects: {"versions": [...], "crds": {kind: schema}, "objects": [...]} on standard input.

Prints one JSON list: for each object the list of what is wrong with it, each as `path: problem`.
"""

import json
import sys

import kubernetes_validate
from jsonschema import Draft7Validator


def problems(thing, asked):
    schema = asked["crds"].get(thing["kind"])
    if schema is not None:
        errors = Draft7Validator(schema).iter_errors(thing)
        return sorted(f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in errors)
    found = []
    for version in asked["versions"]:
        try:
            kubernetes_validate.validate(thing, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            found.append(f"{'.'.join(map(str, error.path))}: {error.message} ({version})")
    return found


asked = json.load(sys.stdin)
json.dump([problems(thing, asked) for thing in asked["objects"]], sys.stdout)

"""Validates JSON documents against a JSON Schema whose references are files beside it.

Usage: schema.py SCHEMA DOCUMENT…   Prints a line per document; exits 1 when one is invalid.
"""

import json
import os
import sys

from jsonschema.validators import validator_for
from referencing import Registry, Resource
from referencing.exceptions import NoSuchResource


def load(path: str):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def beside(uri: str) -> Resource:
    path = os.path.join(os.path.dirname(sys.argv[1]), os.path.basename(uri))
    if not os.path.exists(path):
        raise NoSuchResource(ref=uri)
    return Resource.from_contents(load(path))


if len(sys.argv) < 3:
    sys.exit(__doc__)
schema = load(sys.argv[1])
kind = validator_for(schema)
kind.check_schema(schema)
validator = kind(schema, registry=Registry(retrieve=beside), format_checker=kind.FORMAT_CHECKER)
invalid = 0
for path in sys.argv[2:]:
    errors = sorted(validator.iter_errors(load(path)), key=lambda error: list(map(str, error.absolute_path)))
    for error in errors[:5]:
        print(f"INVALID  {path}: {error.json_path}: {error.message[:300]}")
    if not errors:
        print(f"valid    {path}")
    invalid += bool(errors)
sys.exit(1 if invalid else 0)

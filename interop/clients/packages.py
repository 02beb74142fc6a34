"""What other tools say is in a place, as package URLs without qualifiers, one a line, sorted.

Usage: packages.py cargo CARGO-LOCK | npm PACKAGE-LOCK | python SITE-PACKAGES | go BINARY | sbom DOCUMENT [TYPE]

`cargo`, `npm`: the lock file read by a generic TOML or JSON parser. `python`: `pip list`. `go`: `go version -m`, dependencies
only. `sbom`: every package URL of a CycloneDX or SPDX JSON document, of one type if named.
"""

import json
import re
import subprocess
import sys
from urllib.parse import quote


def main() -> None:
    kind, path = sys.argv[1], sys.argv[2]
    found = {"cargo": cargo, "npm": npm, "python": python, "go": go, "sbom": sbom}[kind](path)
    if kind == "sbom" and len(sys.argv) > 3:
        found = [purl for purl in found if purl.startswith(f"pkg:{sys.argv[3]}/")]
    for purl in sorted(set(found)):
        print(purl)


def cargo(path):
    import tomllib

    with open(path, "rb") as file:
        packages = tomllib.load(file)["package"]
    return [f"pkg:cargo/{package['name']}@{quote(package['version'])}" for package in packages]


def npm(path):
    with open(path, encoding="utf-8") as file:
        lock = json.load(file)
    purls = []
    for place, package in lock["packages"].items():
        if place and not package.get("link"):
            name = package.get("name") or place.rsplit("node_modules/", 1)[-1]
            purls.append(f"pkg:npm/{quote(name, safe='/')}@{quote(package['version'])}")
    return purls


def python(path):
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "list", "--disable-pip-version-check", "--format", "json", "--path", path],
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    return [
        f"pkg:pypi/{re.sub(r'[-_.]+', '-', item['name']).lower()}@{quote(item['version'])}" for item in json.loads(listed)
    ]


def go(path):
    listed = subprocess.run(["go", "version", "-m", path], check=True, stdout=subprocess.PIPE, text=True).stdout
    purls, previous = [], None
    for line in listed.splitlines():
        fields = line.split("\t")[1:]
        if fields and fields[0] == "dep":
            previous = fields[1], fields[2]
            purls.append(previous)
        elif fields and fields[0] == "=>":
            purls[purls.index(previous)] = fields[1], fields[2]
    return [f"pkg:golang/{quote(name, safe='/')}@{quote(version)}" for name, version in purls]


def sbom(path):
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    purls = []
    if document.get("bomFormat") == "CycloneDX":
        purls = [component["purl"] for component in document.get("components", []) if "purl" in component]
    else:
        for package in document["packages"]:
            references = package.get("externalRefs", [])
            purls += [item["referenceLocator"] for item in references if item["referenceType"] == "purl"]
    return [re.split("[?#]", purl)[0] for purl in purls]


main()

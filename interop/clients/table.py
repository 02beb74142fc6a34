"""Writes docs/reference/interoperability.md from the output of `interop/run full`.

Usage: table.py INTEROP <OUTPUT >MARKDOWN

Reads `== SCRIPT`, `ok    CHECK (N s)`, `FAIL  CHECK`, `#   NOTE` and `# NOT RUN WHAT: WHY` lines; says which peers took part, of
which versions, in which direction, storage form and log version, by the words in the checks' names.
"""

import datetime
import pathlib
import re
import sys

PEERS = {
    "cosign 2": "cosign 2.6.1",
    "cosign": "cosign",
    "sigstore-python": "sigstore-python",
    "sigstore --trust-config": "sigstore-python",
    "sigstore sign": "sigstore-python",
    "sigstore/cli": "@sigstore/cli",
    "npm @sigstore/verify 3": "@sigstore/verify 3",
    "npm 3": "@sigstore/verify 3",
    "npm @sigstore/verify 4": "@sigstore/verify 4",
    "npm 4": "@sigstore/verify 4",
    "gitsign": "gitsign",
    "rekor-cli": "rekor-cli",
    "changed bundles": "sigstore-verify, sigstore-python",
}
FORMS = {
    "legacy oci": "legacy OCI 1.1",
    "under a tag": "tag",
    "under tags": "tag",
    "saved": "saved directory",
    "referrer": "referrers",
    "fallback": "fallback tag",
    "detached": "detached",
    "bundle of version 2": "bundle of cosign 2",
    "attach": "attached",
    "bundle": "bundle",
    "attestation": "bundle",
    "signature": "bundle",
}
VERSIONS = {
    "COSIGN": "cosign",
    "COSIGN_2": "cosign 2",
    "SIGSTORE_PYTHON": "sigstore-python",
    "SIGSTORE_JS_3": "@sigstore/verify",
    "SIGSTORE_JS_4": "@sigstore/verify",
    "SIGSTORE_CLI": "@sigstore/cli",
    "SIGSTORE_VERIFY": "sigstore-verify (crate)",
    "GITSIGN": "gitsign",
    "REKOR_CLI": "rekor-cli",
    "MOTO": "moto (AWS KMS)",
    "REGISTRY_REFERRERS": "go-containerregistry's registry",
    "DOCKER_REGISTRY": "docker-registry",
}


def main() -> None:
    interop = pathlib.Path(sys.argv[1])
    rows, notes, not_run, script = [], [], [], "?"
    for line in sys.stdin:
        line = line.rstrip("\n")
        if line.startswith("== "):
            script = line[3:]
        elif match := re.match(r"(ok|FAIL)\s+(.*?)(?: \(([0-9.]+) s\))?$", line):
            rows.append((script, *match.groups()))
        elif match := re.match(r"# NOT RUN (.*?): (.*)$", line):
            not_run.append((script, *match.groups()))
        elif line.startswith("#   "):
            notes.append((script, line[4:]))
    ran = {row[0] for row in rows}
    for path in sorted(interop.glob("gate/*.sh")) + sorted(interop.glob("full/*.sh")):
        if path.stem not in ran:
            not_run.append((path.stem, "the whole script", "it printed no check"))

    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    passed = sum(row[1] == "ok" for row in rows)
    print("# Interoperability\n")
    print(f"Written by `interop/run full`, {today}: {passed} checks passed, {len(rows) - passed} failed.\n")
    print("What each check does stands in the script it names, in `interop/gate` and `interop/full`.\n")
    print("## Peers\n\n| peer | version |\n| --- | --- |")
    for line in (interop / "versions").read_text().splitlines():
        name, _, version = line.partition("=")
        if name in VERSIONS:
            print(f"| {VERSIONS[name]} | {version} |")
    print("\n## Not run\n")
    if not_run:
        print("| script | what | why |\n| --- | --- | --- |")
        for script, what, why in not_run:
            print(f"| {script} | {cell(what)} | {cell(why)} |")
    else:
        print("Nothing was left out.")
    print("\n## Round trips\n\nChecks that passed, by who made the evidence and who judged it.\n")
    print("| peer | direction | form | log | checks |\n| --- | --- | --- | --- | --- |")
    matrix = {}
    for script, outcome, name, _ in rows:
        if outcome == "ok" and first(PEERS, name):
            key = described(script, name)
            matrix[key] = matrix.get(key, 0) + 1
    for key, count in sorted(matrix.items()):
        print(f"| {' | '.join(key)} | {count} |")
    for script in dict.fromkeys(row[0] for row in rows):
        print(f"\n## {script}\n\n| outcome | check | peer | seconds |\n| --- | --- | --- | --- |")
        for of, outcome, name, seconds in rows:
            if of == script:
                peer = first(PEERS, name) or ""
                print(f"| {outcome} | {cell(name)} | {peer} | {seconds or ''} |")
        said = [note for of, note in notes if of == script]
        if said:
            print("\n```text")
            print("\n".join(said))
            print("```")


def first(words: dict, name: str):
    return next((value for word, value in words.items() if word.lower() in name.lower()), None)


def described(script: str, name: str) -> tuple:
    text = name.lower()
    made = re.search(r"\b(cosign|sigstore|gitsign|rekor-cli)\S*( \S+)? (signs?|attests?|saves?|attaches|writes|uploads)", text)
    if "changed bundles" in text:
        direction = "verdicts compared"
    elif made or script in ("cosign-evidence", "recorded-evidence"):
        direction = "theirs, verified by us"
    else:
        direction = "ours, verified by them"
    version = re.search(r"\b(?:v|version |rekor )([12])\b", text)
    log = f"v{version[1]}" if version else "none" if script == "cosign-evidence" else "v1"
    return first(PEERS, name), direction, first(FORMS, name) or "bundle", log


def cell(text: str) -> str:
    return text.replace("|", "\\|")


main()

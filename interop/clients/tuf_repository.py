"""Repositories of The Update Framework made by python-tuf, and every attack on them (specification 1.0.34, sections 1.5.2 and 5).

Usage: tuf_repository.py list | tuf_repository.py run NAME   (SEALWRIGHT is the binary)

Each scenario publishes the next version of a repository that a client knows, twice: once good, once with the attack, and nothing
else differs. The client is the hidden `tuf-client`, and `root update`. It must take the good one, and refuse the other with the
code that stands beside the scenario; what it knew before must then still be what it uses.
"""

import hashlib
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import DelegatedRole, Delegations, MetaFile, Root, Snapshot, SuccinctRoles, TargetFile, Targets, Timestamp

SEALWRIGHT = os.environ["SEALWRIGHT"]
NAME = "trusted_root.json"
LATER = (datetime.now(timezone.utc) + timedelta(days=30)).replace(microsecond=0)
LONG_AGO = datetime(2020, 1, 1, tzinfo=timezone.utc)
ROLES = ("root", "targets", "snapshot", "timestamp")
ENDLESS, HANGING = object(), object()


class Repository:
    """A repository: what it says, who signs it, and the files as they are served."""

    def __init__(self, consistent=True):
        self.signers, self.files, self.content, self.edits, self.mangles = {}, {}, {}, {}, {}
        self.roles = {
            "root": Root(version=1, expires=LATER, consistent_snapshot=consistent),
            "targets": Targets(version=1, expires=LATER),
            "snapshot": Snapshot(version=1, expires=LATER),
            "timestamp": Timestamp(version=1, expires=LATER),
        }
        for role in ROLES:
            self.give_key(role)
        self.add(NAME, trusted_root(1))
        for role in ROLES:
            self.write(role)

    def give_key(self, role, signer=None):
        signer = signer or CryptoSigner.generate_ed25519()
        self.roles["root"].add_key(signer.public_key, role)
        self.signers.setdefault(role, []).append(signer)
        return signer

    def replace_key(self, role):
        """A new root will have another key for this role. Who signs the root goes on signing it."""
        for signer in self.signers[role]:
            self.roles["root"].revoke_key(signer.public_key.keyid, role)
        self.signers[role] = []
        self.give_key(role)

    def add(self, path, content, role="targets"):
        self.roles[role].targets[path] = TargetFile.from_data(path, content, ["sha256"])
        self.content[path] = content

    def delegate(self, parent, name, paths=("*", "a/*"), terminating=False, signer=None):
        signer = signer or CryptoSigner.generate_ed25519()
        delegator = self.roles[parent]
        if delegator.delegations is None:
            delegator.delegations = Delegations({}, {})
        delegator.delegations.roles[name] = DelegatedRole(name, [], 1, terminating, paths=list(paths))
        delegator.add_key(signer.public_key, name)
        self.signers[name] = [signer]
        if name not in self.roles:
            self.roles[name] = Targets(version=1, expires=LATER)
            self.write(name)
        return self.roles[name]

    def publish(self, *roles):
        """The next version of these roles and of those that list them."""
        for role in (*roles, "snapshot", "timestamp"):
            if role in roles or role in ("snapshot", "timestamp"):
                self.roles[role].version += 1
                self.write(role)

    def write(self, role):
        said = self.roles[role].to_dict()
        self.edits.pop(role, lambda _: None)(said)
        body = encode_canonical(said).encode()
        signatures = [{"keyid": s.public_key.keyid, "sig": s.sign(body).signature} for s in self.signers[role]]
        document = {"signatures": signatures, "signed": said}
        self.mangles.pop(role, lambda _: None)(document)
        data = json.dumps(document).encode()
        consistent = self.roles["root"].consistent_snapshot
        quoted = role.replace("/", "%2F")
        versioned = role == "root" or (consistent and role != "timestamp")
        self.files[f"{self.roles[role].version}.{quoted}.json" if versioned else f"{quoted}.json"] = data
        listed = MetaFile.from_data(self.roles[role].version, data, ["sha256"])
        if role == "snapshot":
            self.roles["timestamp"].snapshot_meta = listed
        elif role not in ("root", "timestamp"):
            self.roles["snapshot"].meta[f"{role}.json"] = listed
            for path in self.roles[role].targets:
                folder, _, name = path.rpartition("/")
                name = f"{hashlib.sha256(self.content[path]).hexdigest()}.{name}" if consistent else name
                self.files["targets/" + (f"{folder}/{name}" if folder else name)] = self.content[path]

    def target_path(self, path=NAME):
        return f"targets/{hashlib.sha256(self.content[path]).hexdigest()}.{path}"


def trusted_root(number):
    """A trusted root that tells itself from others by a URL."""
    root = json.loads(BASE)
    root["certificateAuthorities"][0]["uri"] = f"https://fulcio{number}.example"
    return json.dumps(root).encode()


def next_target(repository, *roles):
    """The next version, with another trusted root."""
    repository.add(NAME, trusted_root(2))
    repository.publish("targets", *roles)


# ---- the scenarios: after the client has version 1

SCENARIOS = {}


def scenario(*codes, only=None, target=NAME, consistent=True, prepare=None, name=None):
    def register(change):
        key = name or change.__name__.replace("_", "-")
        SCENARIOS[key] = dict(change=change, codes=codes, only=only, target=target, consistent=consistent, prepare=prepare)
        return change
    return register


def flip(document):
    sig = document["signatures"][0]["sig"]
    document["signatures"][0]["sig"] = sig[:-1] + ("0" if sig[-1] != "0" else "1")


for ROLE in ROLES:
    def arbitrary_metadata(repository, attack, role=ROLE):
        if attack:
            repository.mangles[role] = flip
        next_target(repository, "root")

    def expired(repository, attack, role=ROLE):
        if attack:
            repository.roles[role].expires = LONG_AGO
        next_target(repository, "root")

    def of_too_few_keys(repository, attack, role=ROLE):
        # A threshold of two, and whoever stole one key of the two.
        repository.give_key(role)
        repository.roles["root"].roles[role].threshold = 2
        if attack:
            repository.signers[role].pop()
        next_target(repository, "root")

    def one_signature_twice(repository, attack, role=ROLE):
        repository.give_key(role)
        repository.roles["root"].roles[role].threshold = 2
        if attack:
            repository.signers[role] = [repository.signers[role][0]] * 2
        next_target(repository, "root")

    def one_key_of_two_names(repository, attack, role=ROLE):
        repository.give_key(role)
        root = repository.roles["root"]
        root.roles[role].threshold = 2
        if attack:
            first = repository.signers[role][0].public_key.keyid
            def edit(said):
                said["keys"]["another"] = said["keys"][first]
                said["roles"][role]["keyids"] = [first, "another"]
            def mangle(document):
                only = next(s for s in document["signatures"] if s["keyid"] == first)
                document["signatures"] = [only, {"keyid": "another", "sig": only["sig"]}]
            repository.edits["root"], repository.mangles[role] = edit, mangle
            if role == "root":
                repository.mangles["root"] = mangle
        next_target(repository, "root")

    def version_zero(repository, attack, role=ROLE):
        if attack:
            repository.edits[role] = lambda said: said.update(version=0)
        next_target(repository, "root")

    def version_without_bounds(repository, attack, role=ROLE):
        if attack:
            repository.edits[role] = lambda said: said.update(version=10**30)
        next_target(repository, "root")

    def another_major_version(repository, attack, role=ROLE):
        if attack:
            repository.edits[role] = lambda said: said.update(spec_version="2.0.0")
        next_target(repository, "root")

    def endless(repository, attack, role=ROLE):
        next_target(repository, "root")
        if attack:
            version = repository.roles[role].version
            repository.files["timestamp.json" if role == "timestamp" else f"{version}.{role}.json"] = ENDLESS

    for FUNCTION, CODES in [
        (arbitrary_metadata, ["tuf.bad-signature-threshold"]),
        (expired, ["tuf.expired"]),
        (of_too_few_keys, ["tuf.bad-signature-threshold"]),
        (one_signature_twice, ["tuf.malformed", "tuf.bad-signature-threshold"]),
        (one_key_of_two_names, ["tuf.bad-signature-threshold"]),
        (version_zero, ["tuf.malformed"]),
        (version_without_bounds, ["tuf.malformed"]),
        (another_major_version, ["tuf.unsupported-version"]),
        (endless, ["net.answer-too-large", "tuf.length-exceeded"]),
    ]:
        scenario(*CODES, name=f"{FUNCTION.__name__.replace('_', '-')}-{ROLE}")(FUNCTION)


@scenario("tuf.hash-mismatch")
def arbitrary_software(repository, attack):
    next_target(repository)
    if attack:
        path = repository.target_path()
        repository.files[path] = repository.files[path].replace(b"fulcio2", b"fulcio3")


@scenario("tuf.length-mismatch", "net.answer-too-large", "tuf.length-exceeded")
def wrong_software(repository, attack):
    repository.add("other", b"another file of the repository" * 1000)
    next_target(repository)
    if attack:
        repository.files[repository.target_path()] = repository.content["other"]


@scenario("net.answer-too-large", "tuf.length-exceeded", "tuf.length-mismatch")
def endless_target(repository, attack):
    next_target(repository)
    if attack:
        repository.files[repository.target_path()] = ENDLESS


def second_version(repository):
    repository.publish("targets")


@scenario("tuf.rollback", prepare=second_version)
def rollback_of_the_timestamp(repository, attack):
    before = repository.roles["timestamp"].version
    if attack:
        repository.edits["timestamp"] = lambda said: said.update(version=before - 1)
    next_target(repository)


@scenario("tuf.rollback", prepare=second_version)
def rollback_of_the_snapshot(repository, attack):
    next_target(repository)
    if attack:
        old = MetaFile.from_data(1, repository.files["1.snapshot.json"], ["sha256"])
        repository.roles["timestamp"].snapshot_meta = old
        repository.roles["timestamp"].version += 1
        repository.write("timestamp")


@scenario("tuf.rollback", prepare=second_version)
def rollback_of_the_targets(repository, attack):
    next_target(repository)
    if attack:
        old = MetaFile.from_data(1, repository.files["1.targets.json"], ["sha256"])
        repository.roles["snapshot"].meta["targets.json"] = old
        repository.publish()


def with_a_role(repository):
    role = repository.delegate("targets", "role")
    repository.publish("targets")
    role.version += 1
    repository.write("role")
    repository.publish("targets")


@scenario("tuf.rollback", prepare=with_a_role)
def rollback_of_a_delegated_role(repository, attack):
    next_target(repository)
    if attack:
        repository.roles["snapshot"].meta["role.json"] = MetaFile(1)
        repository.publish()


@scenario("tuf.role-removed", prepare=with_a_role)
def a_role_vanishes(repository, attack):
    if attack:
        del repository.roles["snapshot"].meta["role.json"]
    next_target(repository)


@scenario("tuf.wrong-version")
def rollback_of_the_root(repository, attack):
    next_target(repository, "root")
    if attack:
        repository.files["2.root.json"] = repository.files["1.root.json"]


@scenario("tuf.rollback")
def fast_forward(repository, attack):
    """Whoever stole the timestamp's key made its version high. Only with a new key it may begin again."""
    timestamp = repository.roles["timestamp"]
    timestamp.version = 2**31
    repository.write("timestamp")
    yield
    if not attack:
        repository.replace_key("timestamp")
    timestamp.version = 1
    next_target(repository, "root")


@scenario("tuf.hash-mismatch")
def mix_and_match(repository, attack):
    next_target(repository)
    if attack:
        repository.files["2.targets.json"] = repository.files["1.targets.json"].ljust(len(repository.files["2.targets.json"]))


@scenario("tuf.wrong-version")
def mix_and_match_without_hashes(repository, attack):
    repository.edits["snapshot"] = lambda said: said["meta"].update({"targets.json": {"version": 2}})
    next_target(repository)
    if attack:
        repository.files["2.targets.json"] = repository.files["1.targets.json"]


@scenario("tuf.unknown-hash")
def a_hash_nobody_knows(repository, attack):
    if attack:
        repository.edits["targets"] = lambda said: said["targets"][NAME].update(hashes={"crc32": "00000000"})
    next_target(repository)
    # Wherever a client looks for it.
    for name in (NAME, "00000000." + NAME):
        repository.files["targets/" + name] = repository.content[NAME]


@scenario("tuf.not-in-snapshot")
def targets_are_not_listed(repository, attack):
    # Of a role that no snapshot had before there is nothing to vanish.
    if attack:
        repository.edits["snapshot"] = lambda said: said.update(meta={"other.json": {"version": 1}})
        repository.replace_key("snapshot")
    next_target(repository, "root")


@scenario("tuf.missing-metadata")
def a_mirror_leaves_the_timestamp_out(repository, attack):
    next_target(repository)
    if attack:
        del repository.files["timestamp.json"]


@scenario("tuf.missing-metadata")
def a_mirror_leaves_targets_out(repository, attack):
    next_target(repository)
    if attack:
        del repository.files["2.targets.json"]


@scenario("tuf.missing-metadata")
def a_mirror_leaves_the_file_out(repository, attack):
    next_target(repository)
    if attack:
        del repository.files[repository.target_path()]


@scenario("tuf.wrong-type", "tuf.bad-signature-threshold")
def one_role_for_another(repository, attack):
    next_target(repository)
    if attack:
        repository.files["timestamp.json"] = repository.files["2.snapshot.json"]


@scenario("net.timeout", only="root")
def slow_retrieval(repository, attack):
    next_target(repository)
    if attack:
        repository.files["2.targets.json"] = HANGING


@scenario("tuf.bad-signature-threshold")
def a_gap_in_the_roots(repository, attack):
    for _ in range(2):
        repository.replace_key("timestamp")
        repository.publish("root")
    next_target(repository)
    if attack:
        del repository.files["2.root.json"]


@scenario("tuf.bad-signature-threshold")
def a_root_without_the_old_keys(repository, attack):
    old = repository.signers["root"]
    repository.replace_key("root")
    if not attack:
        repository.signers["root"] = old + repository.signers["root"]
    next_target(repository, "root")


@scenario("tuf.bad-signature-threshold")
def a_root_without_the_new_keys(repository, attack):
    old = repository.signers["root"]
    repository.replace_key("root")
    repository.signers["root"] = old if attack else old + repository.signers["root"]
    next_target(repository, "root")


@scenario("tuf.missing-target", only="tuf", target="extra")
def a_file_that_is_not_listed(repository, attack):
    """Extraneous dependencies: what nobody listed is not had, though it lies there."""
    repository.add("extra", b"extra")
    repository.publish("targets")
    if attack:
        path = repository.target_path("extra")
        del repository.roles["targets"].targets["extra"]
        repository.publish("targets")
        assert path in repository.files


@scenario("tuf.missing-target", only="tuf", target="a/file")
def a_terminating_delegation(repository, attack):
    repository.delegate("targets", "first", ["a/*"], terminating=attack)
    repository.delegate("targets", "second", ["a/*"])
    repository.add("a/file", b"content", "second")
    repository.publish("first", "second", "targets")


@scenario("tuf.missing-target", only="tuf", target="a/file")
def a_cycle_of_delegations(repository, attack):
    signer = CryptoSigner.generate_ed25519()
    repository.delegate("targets", "a", signer=signer)
    repository.delegate("a", "b")
    repository.delegate("b", "a", signer=signer)
    if not attack:
        repository.add("a/file", b"content", "b")
    repository.publish("b", "a", "targets")


@scenario("tuf.too-many-delegations", only="tuf", target="a/file")
def endless_delegations(repository, attack):
    names = ["targets"] + [f"r{n}" for n in range(40 if attack else 20)]
    for parent, name in zip(names, names[1:]):
        repository.delegate(parent, name)
    repository.add("a/file", b"content", names[-1])
    repository.publish(*reversed(names))


@scenario("tuf.missing-target", only="tuf", target="a/file")
def a_path_that_was_not_delegated(repository, attack):
    repository.delegate("targets", "role", ["b/*" if attack else "a/*"])
    repository.add("a/file", b"content", "role")
    repository.publish("role", "targets")


@scenario("tuf.bad-signature-threshold", only="tuf", target="a/file")
def a_delegated_role_of_another_key(repository, attack):
    repository.delegate("targets", "role", ["a/*"])
    repository.add("a/file", b"content", "role")
    if attack:
        repository.signers["role"] = [CryptoSigner.generate_ed25519()]
    repository.publish("role", "targets")


@scenario("tuf.missing-target", only="tuf", target="a/file")
def a_hash_bin_of_others(repository, attack):
    signer = CryptoSigner.generate_ed25519()
    bins = SuccinctRoles([], 1, 2, "bin")
    targets = repository.roles["targets"]
    targets.delegations = Delegations({}, None, bins)
    targets.add_key(signer.public_key, "bin-0")
    right = bins.get_role_for_target("a/file")
    for name in bins.get_roles():
        repository.signers[name] = [signer]
        repository.roles[name] = Targets(version=1, expires=LATER)
    wrong = next(name for name in bins.get_roles() if name != right)
    repository.add("a/file", b"content", wrong if attack else right)
    repository.publish(*bins.get_roles(), "targets")


@scenario("tuf.hash-mismatch", consistent=False)
def arbitrary_software_without_consistent_snapshots(repository, attack):
    next_target(repository)
    if attack:
        repository.files["targets/" + NAME] = repository.files["targets/" + NAME].replace(b"fulcio2", b"fulcio3")


@scenario("tuf.missing-target", only="tuf", target="../../../escaped")
def a_target_that_climbs(repository, attack):
    """A name is a name: in either case nothing is written outside (checked of every scenario)."""
    if not attack:
        content = b"climbed"
        repository.add("../../../escaped", content)
        repository.publish("targets")
        # What a client asks for, after the dots are taken out of the URL.
        repository.files[f"{hashlib.sha256(content).hexdigest()}.escaped"] = content
    else:
        repository.publish("targets")


@scenario("tuf.missing-target", only="tuf", target="a/file")
def a_role_that_climbs(repository, attack):
    repository.delegate("targets", "../../../escaped")
    if not attack:
        repository.add("a/file", b"content", "../../../escaped")
    repository.publish("../../../escaped", "targets")


# ---- the server and the clients


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        from urllib.parse import unquote
        path = self.path.lstrip("/")
        files = self.server.repository.files
        data = files.get(path, files.get(unquote(path)))
        if data is HANGING:
            self.server.released.wait(60)
            return
        self.send_response(404 if data is None else 200)
        if data is ENDLESS:
            self.end_headers()
            try:
                for _ in range(4096):
                    self.wfile.write(b" " * 65536)
            except OSError:
                pass
            return
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, *_):
        pass


class Client:
    """A client with a directory of its own."""

    def __init__(self, kind, repository, url, directory):
        self.kind, self.repository, self.url, self.directory = kind, repository, url, directory
        self.environment = {"PATH": os.environ["PATH"], "SEALWRIGHT_HOME": str(directory / "home")}
        (directory / "downloads").mkdir(parents=True)
        first = directory / "first.json"
        first.write_bytes(repository.files["1.root.json"])
        if kind == "tuf":
            self.expect(0, "tuf-client", "--metadata-dir", directory / "metadata", "init", first)
        else:
            self.expect(0, "root", "init", "--name", "corp", "--mirror", url, "--root", first)

    def run(self, *arguments):
        command = [SEALWRIGHT, *map(str, arguments)]
        return subprocess.run(command, env=self.environment, capture_output=True, timeout=120, cwd=self.directory)

    def expect(self, code, *arguments):
        done = self.run(*arguments)
        assert done.returncode == code, done.stderr.decode()
        return done

    def update(self, target):
        if self.kind == "root":
            return self.run("root", "update", "--profile", "corp", "--timeout", "3s")
        return self.run("tuf-client", "--metadata-dir", self.directory / "metadata", "--metadata-url", self.url,
                        "--target-name", target, "--target-base-url", self.url + "/targets",
                        "--target-dir", self.directory / "downloads", "download")

    def has(self, target):
        if self.kind == "root":
            return json.loads(self.expect(0, "root", "show", "--profile", "corp").stdout)
        files = list((self.directory / "downloads").iterdir())
        found = [file for file in files if file.read_bytes() == self.repository.content.get(target)]
        return found[0].read_bytes() if found else None


def play(key, kind, attack):
    given = SCENARIOS[key]
    repository = Repository(given["consistent"])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.repository, server.released = True, repository, threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as place:
        deep = Path(place) / "a" / "b" / "c" / "d"
        client = Client(kind, repository, f"http://127.0.0.1:{server.server_port}", deep)
        if given["prepare"]:
            given["prepare"](repository)
        first = client.update(NAME)
        assert first.returncode == 0, first.stderr.decode()
        before = client.has(NAME)
        for _ in given["change"](repository, attack) or ():
            assert client.update(NAME).returncode == 0
        done = client.update(given["target"])
        said = done.stderr.decode()
        if attack:
            assert done.returncode not in (0, 5, 101), f"exit {done.returncode}: {said}"
            assert any(f"error[{code}]" in said for code in given["codes"]), f"wanted {given['codes']}: {said}"
            if kind == "root":
                assert client.has(NAME) == before, "something else is used than before"
            else:
                assert client.has(given["target"]) is None or given["target"] == NAME and client.has(NAME) == before
        else:
            assert done.returncode == 0, said
            now = client.has(given["target"])
            assert now is not None
            if kind == "root":
                assert now == json.loads(repository.content[NAME]), "not the new one"
        # Whatever a repository calls things, all of it lies in the client's own directory.
        strangers = [file for file in Path(place).rglob("*") if deep not in file.parents and file.is_file()]
        assert not strangers, strangers
    server.released.set()
    server.shutdown()


def main():
    global BASE
    if sys.argv[1:] == ["list"]:
        print("\n".join(SCENARIOS))
        return
    shown = subprocess.run([SEALWRIGHT, "root", "show", "--profile", "github"], capture_output=True, check=True)
    BASE = shown.stdout
    for key in sys.argv[2:]:
        only = SCENARIOS[key]["only"]
        for kind in ["tuf", "root"] if only is None else [only]:
            for attack in [False, True]:
                print(f"{key}: {kind}, {'the attack' if attack else 'without it'}", flush=True)
                play(key, kind, attack)


main()

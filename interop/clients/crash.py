"""Kills seals with SIGKILL at random moments, several at a time, in one data directory, and records which were acknowledged.

Usage: crash.py BINARY DIRECTORY COUNT PARALLEL SEED

Writes artifact files and evidence into DIRECTORY and the result to DIRECTORY/result.json:
{"acknowledged": [{"file", "identity", "issuer", "indexes"}], "killed": [FILE…]}. A seal that exits 0 is acknowledged; one that
was killed is not; any other exit is a failure of the run (exit 1 with what it said).
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

binary, directory, count, parallel, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
chance = random.Random(seed)
lock = threading.Lock()
acknowledged, killed, wrong = [], [], []
pending = list(range(count))
# How long an undisturbed seal takes is learnt from those that end; delays are drawn from 0 to 1.6 times that, so that
# somewhat more than half are hit, at any point of their life.
usual = 0.05


def one(number: int) -> None:
    global usual
    name = f"file-{number:04}.txt"
    with open(os.path.join(directory, name), "w", encoding="ascii") as out:
        out.write(f"artifact {number} of seed {seed}\n")
    with lock:
        delay = chance.random() * usual * 1.6
    started = time.monotonic()
    process = subprocess.Popen(
        [binary, "seal", name, "-o", "json"],
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    timer = threading.Timer(delay, lambda: process.poll() is None and os.killpg(process.pid, signal.SIGKILL))
    timer.start()
    stdout, stderr = process.communicate(timeout=120)
    timer.cancel()
    took = time.monotonic() - started
    with lock:
        if process.returncode == 0:
            usual = 0.8 * usual + 0.2 * took
            target = json.loads(stdout)["targets"][0]
            indexes = [evidence["logIndex"] for evidence in target["evidence"]]
            acknowledged.append(
                {"file": name, "identity": target["identity"], "issuer": target["issuer"], "indexes": indexes}
            )
        elif process.returncode == -signal.SIGKILL:
            # Give the next ones more time, quickly until a first one has ended.
            usual *= 1.02 if acknowledged else 1.3
            killed.append(name)
        else:
            wrong.append(f"{name}: exit {process.returncode}: {stderr.decode(errors='replace')[-500:]}")


def worker() -> None:
    while True:
        with lock:
            if not pending or wrong:
                return
            number = pending.pop(0)
        one(number)


threads = [threading.Thread(target=worker) for _ in range(parallel)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
with open(os.path.join(directory, "result.json"), "w", encoding="ascii") as out:
    json.dump({"acknowledged": acknowledged, "killed": killed, "usual": usual}, out)
print(f"seed {seed}: {len(acknowledged)} acknowledged, {len(killed)} killed, a seal takes {usual * 1000:.0f} ms")
for line in wrong:
    print("wrong", line)
sys.exit(1 if wrong else 0)

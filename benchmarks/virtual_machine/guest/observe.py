"""Runs in the machine: waits until the system is up, does what it is asked to, tells what it sees, powers off.

It reads /etc/netc-machine/steps.json, a list of steps in turn:
{"run": ["sh", "-c", …], "seconds": how long it may take, 60 unless told}, {"wait": SECONDS},
{"settle": SECONDS at most} until systemd has no job, {"observe": NAME, "files": [globs], "commands": [[…], …]}.
The answer goes to the port of the machine as one JSON text.
"""

import json
import subprocess
import time
from pathlib import Path

FOLDER = Path("/etc/netc-machine")
PORT = Path("/dev/virtio-ports/netc.machine")


def main():
    steps = json.loads((FOLDER / "steps.json").read_text())
    answer = {"state": settle(240), "observed": {}, "ran": []}
    answer["uptime"] = float(Path("/proc/uptime").read_text().split()[0])
    for step in steps:
        if "run" in step:
            answer["ran"].append(run(step["run"], step.get("seconds", 60)))
        elif "wait" in step:
            time.sleep(step["wait"])
        elif "settle" in step:
            settle(step["settle"])
        else:
            found = {"files": {}, "commands": [run(command) for command in step["commands"]]}
            for pattern in step["files"]:
                for path in Path("/").glob(pattern.lstrip("/")):
                    found["files"][str(path)] = read(path)
            answer["observed"][step["observe"]] = found
    with PORT.open("wb", buffering=0) as port:
        data = json.dumps(answer).encode() + b"\n"
        while data:
            data = data[port.write(data) :]
    subprocess.run(["systemctl", "poweroff", "-ff"], check=False)


def settle(seconds):
    """Wait until systemd has no job left; what it calls its state then."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        jobs = run(["systemctl", "list-jobs", "--no-legend"])["output"].strip()
        state = run(["systemctl", "is-system-running"])["output"].strip()
        if not jobs and state in ("running", "degraded"):
            subprocess.run(["udevadm", "settle", "--timeout=20"], check=False)
            return state
        time.sleep(0.5)
    return "late: " + jobs


def run(command, seconds=60):
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        printed = ((error.stdout or b"") + (error.stderr or b"")).decode(errors="replace")
        return {"command": command, "status": -1, "output": f"{printed}{error}"}
    except OSError as error:
        return {"command": command, "status": -1, "output": str(error)}
    return {"command": command, "status": done.returncode, "output": done.stdout + done.stderr}


def read(path):
    """What a file holds; where a link ends, for a link; None for what cannot be read."""
    try:
        if path.is_symlink() and path.is_dir():
            return str(path.resolve())
        return path.read_text(errors="replace")
    except OSError:
        return None


main()

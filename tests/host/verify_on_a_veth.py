"""Sets a veth as a plan says, damages one thing after another, and tells what `netc verify` and the boot check say.

A program of its own, because namespaces belong to a process: start it under `unshare --net --mount`. It reads a job as
JSON from its input (folder of the host's `rootfs`, the plan, the damages) and writes what was said as JSON. The host's
`etc` stands in place of the machine's own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from netc.plan_json import from_json
from netc.verifying import verify
from netc.verifying.telling import as_text


def sh(command: str) -> str:
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr


def answers(plan_text: str) -> dict[str, object]:
    plan = from_json(plan_text)
    lines = as_text(verify(plan, Path("/")), plan.host).removesuffix("\n").replace(f"{plan.host}: ", "").splitlines()
    done = subprocess.run(["sh", "/etc/netc/verify"], capture_output=True, text=True, check=False, timeout=60)
    told = [line.removeprefix("netc: ") for line in done.stdout.splitlines()]
    return {"netc": lines, "shell": told, "status": done.returncode, "errors": done.stderr}


def main() -> None:
    job = json.load(sys.stdin)
    sh(f"mount --bind {job['folder']}/etc /etc")
    sh("mount -t sysfs sysfs /sys; mount -t tmpfs tmpfs /run; mount -t bpf bpf /sys/fs/bpf")
    Path("/run/systemctl").write_text(job["systemctl"])
    Path("/run/systemctl").chmod(0o755)
    systemctl = shutil.which("systemctl", path="/usr/bin:/bin")
    if systemctl is not None:
        sh(f"mount --bind /run/systemctl {systemctl}")
    sh(job["prepared"])
    apply = "; ".join(f"sh /etc/netc/{script}" for script in job["scripts"])
    said = {"applied": sh(apply), "kept": answers(job["plan"])}
    for name, command in job["damages"].items():
        complaint = sh(command)
        said[name] = answers(job["plan"])
        said[name]["complaint"] = complaint
        sh(job["repairs"][name])
        sh(apply)
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()

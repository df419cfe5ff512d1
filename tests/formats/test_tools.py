"""The programs that read a format say that it is right, or do with it what they are for."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from unpacking import UNPACKED, Host, lying

from running import netc

EXAMPLES = Path(__file__).parents[2] / "examples"
PATTERN = {"scrubber": "scrub-01.example.net", "web": "web-01.example.net"}
"""By example the one host of it. That of `scrubber` has objects of BPF, which are no text."""


SLOW = pytest.mark.skipif(not os.environ.get("CI"), reason="takes long: set CI=1")


def compiled(form: str, name: str, out: Path) -> Path:
    assert netc("compile", EXAMPLES / f"{name}.net", "-o", out, "--format", form).status == 0
    return out / PATTERN[name]


def tree(name: str, out: Path) -> Host:
    return UNPACKED["tree"](compiled("tree", name, out))


def run(*command: str | Path, cwd: Path | None = None, **environment: str) -> str:
    """What a program says that ends well; it hears nothing and is not told where netc's tests run."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.tool("tar")
def test_tar_unpacks_it(tmp_path: Path) -> None:
    host = compiled("tar", "scrubber", tmp_path / "out")
    (tmp_path / "image").mkdir()
    assert run("tar", "--extract", "--file", host / "rootfs.tar", "--directory", tmp_path / "image") == ""
    assert lying(tmp_path / "image") == tree("scrubber", tmp_path / "tree")


@pytest.mark.tool("ignition-validate")
def test_ignition_takes_it(tmp_path: Path) -> None:
    path = compiled("ignition", "scrubber", tmp_path / "out") / "config.ign"
    if (version := re.search(r"Ignition \D*(\d+)\.(\d+)", run("ignition-validate", "--version"))) is not None and (
        int(version[1]),
        int(version[2]),
    ) < (2, 15):
        # Ignition knew version 3.4 as an experimental one until it was released with 2.15.
        path.write_text(path.read_text().replace('"3.4.0"', '"3.4.0-experimental"'))
    assert run("ignition-validate", path) == ""


@pytest.mark.tool("butane")
def test_butane_makes_the_same_of_it(tmp_path: Path) -> None:
    made = json.loads(run("butane", "--strict", compiled("butane", "web", tmp_path / "out") / "config.bu"))
    wanted = json.loads((compiled("ignition", "web", tmp_path / "ign") / "config.ign").read_text())
    assert made["ignition"] == wanted["ignition"]
    assert made["systemd"] == wanted["systemd"]
    for kind in ("files", "links"):
        assert {node["path"] for node in made["storage"][kind]} == {node["path"] for node in wanted["storage"][kind]}


@pytest.mark.tool("cloud-init")
def test_cloud_init_takes_it(tmp_path: Path) -> None:
    path = compiled("cloud-init", "scrubber", tmp_path / "out") / "user-data"
    assert "Valid" in run("cloud-init", "schema", "--config-file", path)


@pytest.mark.tool("systemd-analyze")
@pytest.mark.parametrize("example", ["web", "generator"])
def test_systemd_knows_the_unit_of_an_extension(tmp_path: Path, example: str) -> None:
    text = (EXAMPLES / f"{example}.net").read_text(encoding="utf-8")
    (tmp_path / "a.net").write_text(re.sub("distribution debian [0-9]+", "distribution debian 13", text))
    assert netc("compile", tmp_path / "a.net", "-o", tmp_path / "out", "--format", "confext").status == 0
    (host,) = (tmp_path / "out").iterdir()
    release = dict(
        line.split("=")
        for line in (host / "netc/etc/extension-release.d/extension-release.netc").read_text().splitlines()
        if not line.startswith("#")
    )
    assert release == {"ID": "_any", "EXTENSION_RELOAD_MANAGER": "1"}
    units = host / "netc/etc/systemd/system"
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", units / "netc-confext.service"],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in done.stderr.splitlines() if "confext" in line and "not found" not in line] == []
    unit = (units / "netc-confext.service").read_text()
    started = re.search(r"systemctl restart --no-block (.*)", unit)
    assert started is not None
    names = started[1].encode().decode("unicode_escape").split()  # as systemd reads a command line
    assert set(names) == {path.name for path in units.glob("*.wants/*")}
    assert "netc-verify.service" in names


@pytest.mark.tool("mkosi")
def test_mkosi_takes_it(tmp_path: Path) -> None:
    host = compiled("mkosi", "scrubber", tmp_path / "out")
    told = run("mkosi", "--distribution", "debian", "--release", "bookworm", "summary", cwd=host)
    assert re.search(r"Extra Trees: .*/mkosi\.extra$", told, re.MULTILINE)
    version = re.search(r"\d+", run("mkosi", "--version"))
    if version is not None and int(version[0]) >= 25:
        assert re.search(r"^ *Kernel Command Line: irqaffinity=0,32$", told, re.MULTILINE)


@pytest.mark.tool("buildah")
@pytest.mark.root
def test_a_container_is_built_with_it(tmp_path: Path) -> None:
    (tmp_path / "x.net").write_text(
        'host a { system { distribution fedora 42; boot bootc }; kernel-argument "nosmt" because "policy" }\n'
    )
    assert netc("compile", tmp_path / "x.net", "-o", tmp_path / "out", "--format", "bootc").status == 0
    host = tmp_path / "out/a"
    storage = ["--root", tmp_path / "storage", "--runroot", tmp_path / "run", "--storage-driver", "vfs"]
    image = tmp_path / "image.tar"
    run(
        *("buildah", *storage, "bud", "--isolation", "chroot", "--build-arg", "BASE=scratch"),
        *("--output", f"type=tar,dest={image}", host),
    )
    (tmp_path / "image").mkdir()
    run("tar", "--extract", "--file", image, "--directory", tmp_path / "image")
    assert lying(tmp_path / "image") == lying(host / "rootfs")


@pytest.mark.tool("dpkg-deb")
@pytest.mark.tool("shellcheck")
def test_dpkg_deb_reads_it(tmp_path: Path) -> None:
    host = compiled("deb", "scrubber", tmp_path / "out")
    (package,) = host.glob("*.deb")
    run("dpkg-deb", "--raw-extract", package, tmp_path / "unpacked")
    control = (tmp_path / "unpacked/DEBIAN/control").read_text()
    assert re.search(r"^Depends: .*ethtool, .*initramfs-tools", control, re.MULTILINE)
    for script in ("postinst", "postrm"):
        path = tmp_path / "unpacked/DEBIAN" / script
        assert stat.S_IMODE(path.stat().st_mode) == 0o755
        run("shellcheck", path)
    shutil.rmtree(tmp_path / "unpacked/DEBIAN")
    found = lying(tmp_path / "unpacked")
    assert found.pop("usr/lib/netc/after-copy")
    assert found == tree("scrubber", tmp_path / "tree")


ALONE = """\
host edge-1 {
    system { distribution debian 13; irqbalance disable }
    nic interface-wi-15 { match driver virtio_net; mtu 1500 }
    kernel-argument "nosmt" because "policy"
}
"""


WITH_DPDK = """\
host edge-1 {
    system { distribution debian 13; memory 64GiB }
    cpu { cores 8 }
    nic left { match pci 0000:5e:00.0; driver i40e; dpdk }
    nic admin { match pci 0000:01:00.0; driver igb; management }
    dpdk "app.service" { nics left; lcores 4-5; memory 1GiB; page 2MiB; group dpdk }
}
"""
MOUNT = "etc/systemd/system/dev-hugepages\\x2d2MiB.mount"
"""A name that systemd escapes."""


@pytest.mark.tool("dpkg")
@pytest.mark.root
def test_dpkg_installs_changes_and_removes_it(tmp_path: Path) -> None:
    """Without its scripts taking effect: `--force-script-chrootless` sets DPKG_ROOT, at which they do nothing."""
    root = tmp_path / "root"
    (root / "var/lib/dpkg/updates").mkdir(parents=True)
    (root / "var/lib/dpkg/info").mkdir()
    (root / "var/lib/dpkg/status").touch()
    (tmp_path / "x.net").write_text(ALONE)

    def dpkg(*more: str | Path) -> str:
        force = ["--force-script-chrootless", "--force-depends", "--force-confold", "--force-not-root", "--no-triggers"]
        return run("dpkg", f"--root={root}", f"--log={tmp_path / 'log'}", *force, *more)

    def package() -> tuple[Path, Host]:
        assert netc("compile", tmp_path / "x.net", "-o", tmp_path / "out", "--format", "deb").status == 0
        (found,) = (tmp_path / "out/edge-1").glob("*.deb")
        return found, UNPACKED["deb"](tmp_path / "out/edge-1")

    def on_host() -> Host:
        return {path: what for path, what in lying(root).items() if not path.startswith("var/")}

    first, files = package()
    assert "run /usr/lib/netc/after-copy inside of the image" in dpkg("--install", first)
    assert on_host() == files
    changed = root / "etc/default/grub.d/zz-netc.cfg"
    changed.write_text("# by hand\n")
    (tmp_path / "x.net").write_text(ALONE.replace("nosmt", "panic=10").replace("; irqbalance disable", ""))
    second, files = package()
    dpkg("--install", second)
    found = on_host()
    assert found.pop("etc/default/grub.d/zz-netc.cfg.dpkg-dist") == files.pop("etc/default/grub.d/zz-netc.cfg")
    assert found.pop("etc/default/grub.d/zz-netc.cfg") == (0o644, b"# by hand\n")
    assert found == files
    dpkg("--purge", "netc-edge-1")
    assert on_host() == {}


@pytest.mark.tool("dpkg")
@pytest.mark.root
def test_settings_that_a_newer_package_has_no_longer_count_no_longer(tmp_path: Path) -> None:
    """dpkg itself leaves such conffiles where they are."""
    root = tmp_path / "root"
    (root / "var/lib/dpkg/updates").mkdir(parents=True)
    (root / "var/lib/dpkg/info").mkdir()
    (root / "var/lib/dpkg/status").touch()
    for text in (WITH_DPDK, WITH_DPDK.replace("page 2MiB; group dpdk", "page 1GiB"), "# by hand"):
        if text == "# by hand":
            (root / MOUNT.replace("2M", "1G")).write_text(text)
            text = 'host edge-1 { system { distribution debian 13 }; kernel-argument "nosmt" because "policy" }\n'
        (tmp_path / "x.net").write_text(text)
        assert netc("compile", tmp_path / "x.net", "-o", tmp_path / "out", "--format", "deb").status == 0
        (package,) = tmp_path.glob("out/edge-1/*.deb")
        force = ["--force-script-chrootless", "--force-depends", "--force-not-root", "--force-downgrade"]
        run("dpkg", f"--root={root}", f"--log={tmp_path / 'log'}", *force, "--no-triggers", "--install", package)
        found = {path: what for path, what in lying(root).items() if not path.startswith("var/")}
        kept = found.pop(MOUNT.replace("2M", "1G") + ".dpkg-bak", None)
        assert found == UNPACKED["deb"](tmp_path / "out/edge-1")
    assert kept == (0o644, b"# by hand")


@pytest.mark.tool("lintian")
@SLOW
def test_lintian_finds_nothing_but_what_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    (package,) = compiled("deb", "web", tmp_path / "out").glob("*.deb")
    told = run("lintian", "--allow-root", "--fail-on", "none", package)
    assert set(re.findall(r"^[EW]: \S+: (\S+)", told, re.MULTILINE)) <= {
        "systemd-service-in-odd-location",  # an administrator's units lie in /etc
        "uses-no-compression-for-control-tarball",  # what a compressor writes depends on its version
        "uses-no-compression-for-data-tarball",
        *("no-changelog", "no-copyright-file"),  # it is not for a distribution's archive
        *("bogus-mail-host", "root-in-contact"),  # whoever administers the host maintains its package
    }


@pytest.mark.tool("rpmbuild")
def test_rpmbuild_makes_the_same_package_twice(tmp_path: Path) -> None:
    source = (EXAMPLES / "transfer.net").read_text().replace("nic wan", "nic wan-1")
    (tmp_path / "100% sure.net").write_text(source)
    for form in ("rpm", "tree"):
        assert netc("compile", tmp_path / "100% sure.net", "-o", tmp_path / form, "--format", form).status == 0
    host = tmp_path / "rpm/dtn-01.example.net"
    made = []
    for place in (tmp_path / "one", tmp_path / "two"):
        run(
            *("rpmbuild", "-bb", "-D", f"_sourcedir {host}", "-D", f"_rpmdir {place}", "-D", f"_topdir {place}"),
            host / "netc.spec",
            SOURCE_DATE_EPOCH="0",
        )
        (package,) = place.glob("noarch/*.rpm")
        made.append(package.read_bytes())
    assert made[0] == made[1]
    found = {}
    for line in run("rpm", "--query", "--list", "--dump", "--package", package).splitlines():
        path, _, time, digest, mode, owner, group, is_config, *_, target = line.split(" ")
        assert (time, owner, group) == ("0", "root", "root")
        if mode.startswith("040"):
            continue
        found[path.removeprefix("/")] = target if mode.startswith("0120") else (int(mode[-4:], 8), digest, is_config)
    assert found.pop("usr/lib/netc/after-copy")
    assert found == {path: as_rpm(what) for path, what in UNPACKED["tree"](tmp_path / "tree" / host.name).items()}


def as_rpm(what: str | tuple[int, bytes]) -> str | tuple[int, str, str]:
    import hashlib

    return what if isinstance(what, str) else (what[0], hashlib.sha256(what[1]).hexdigest(), "1")


@pytest.mark.tool("ansible-playbook")
def test_ansible_takes_it(tmp_path: Path) -> None:
    folder = compiled("ansible", "web", tmp_path / "out").parent / "netc_fleet"
    inventory = ["-i", folder / "inventory.yaml"]
    run("ansible-playbook", *inventory, "--syntax-check", folder / "playbook.yaml", ANSIBLE_HOME=str(tmp_path))
    hosts = json.loads(run("ansible-inventory", *inventory, "--list", ANSIBLE_HOME=str(tmp_path)))
    assert hosts["netc"]["hosts"] == ["web-01.example.net"]


PLAYED = """\
host edge-1 {
    system { distribution debian 13; irqbalance disable }
    kernel-argument "nosmt" because "policy"
    set net.core.somaxconn = 16384 because "policy"
}
"""


def played(what: str, folder: Path) -> tuple[str, list[str]]:
    """What plays of the role on x.net tell, and which programs they called, one play or a few in each text."""
    script = Path(__file__).with_name("play.sh")
    told = run("unshare", "--mount", "sh", script, sys.executable, what, cwd=folder, ANSIBLE_HOME=str(folder / "home"))
    calls = [line.strip() for line in (folder / "calls").read_text().splitlines() if " show " not in line]
    return told, "\n".join(calls).split("\n--\n")


@pytest.mark.tool("ansible-playbook")
@pytest.mark.root
@SLOW
def test_a_play_puts_there_what_is_wanted_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "x.net").write_text(PLAYED)
    told, calls = played("changes", tmp_path)
    recaps = re.findall(r"changed=(\d+) .*failed=(\d)", told)
    assert [failed for _, failed in recaps] == ["0", "0", "1", "0", "1"]
    assert recaps[1] == ("0", "0")
    assert told.count("all is there") == 4
    assert re.findall(r"^mask: (.*)$", told, re.MULTILINE) == ["/dev/null", "/dev/null", "", "", ""]
    assert "edge-1 must boot again before all of this acts: etc/default/grub.d/zz-netc.cfg" in told
    assert "/etc/sysctl.d/90-netc.conf stands on the host and netc did not write it" in told
    reload, settings = "systemctl daemon-reload", "systemctl restart systemd-sysctl.service"
    first, second, third = calls
    assert first.splitlines() == [reload, settings, "update-grub"]
    assert second.splitlines() == [reload, "update-grub"]
    # What the run that broke off had removed is not known any more, so all are told.
    others = ["udevadm control --reload", "systemctl restart systemd-modules-load.service"]
    assert third.splitlines() == [reload, *others, settings, "update-grub"]


@pytest.mark.tool("ansible-playbook")
@pytest.mark.root
@SLOW
def test_a_play_starts_units_and_makes_groups(tmp_path: Path) -> None:
    (tmp_path / "x.net").write_text(WITH_DPDK)
    told, (first, second) = played("units", tmp_path)
    assert re.findall(r"failed=(\d)", told) == ["0", "0"]
    assert re.search(r"^systemctl restart .*\bnetc-hugepages\.service .*\bnetc-vfio\.service$", first, re.MULTILINE)
    make = "systemd-sysusers /etc/sysusers.d/netc-dpdk.conf"
    assert first.splitlines().count(make) == second.splitlines().count(make) == 1

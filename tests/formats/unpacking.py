"""What each format puts on a host, read as the programs that apply it read it; nothing of netc is used for that."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Host = dict[str, str | tuple[int, bytes]]
"""What lies on a host by path: the target of a link, or mode and content of a file."""

UNITS = "etc/systemd/system/"


def lying(folder: Path) -> Host:
    """All files and links below a folder."""
    found: Host = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_file():
            found[name] = (path.stat().st_mode & 0o7777, path.read_bytes())
    return found


def tree(host: Path) -> Host:
    return lying(host / "rootfs")


def tar(host: Path) -> Host:
    return members((host / "rootfs.tar").read_bytes())


def members(archive: bytes) -> Host:
    """The members of a tar archive; all belong to root, directories are for all to read and come in order."""
    found: Host = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        names = [member.name for member in opened]
        assert len(set(names)) == len(names)
        for member in opened:
            assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "root", "root")
            parent = member.name.rpartition("/")[0]
            assert not parent or parent in names[: names.index(member.name)]
            name = member.name.removeprefix("./")
            if member.issym():
                found[name] = member.linkname
            elif member.isfile():
                file = opened.extractfile(member)
                assert file is not None
                found[name] = (member.mode, file.read())
            else:
                assert member.isdir()
                assert member.mode == 0o755
    return found


def ignition(host: Path) -> Host:
    configuration = json.loads((host / "config.ign").read_text())
    assert configuration["ignition"] == {"version": "3.4.0"}
    return provisioned(configuration, lambda contents: of_data_url(contents["source"]))


def butane(host: Path) -> Host:
    configuration = yaml.safe_load((host / "config.bu").read_text())
    assert (configuration["variant"], configuration["version"]) in (("fcos", "1.5.0"), ("flatcar", "1.1.0"))
    return provisioned(configuration, lambda c: c["inline"].encode() if "inline" in c else of_data_url(c["source"]))


def of_data_url(url: str) -> bytes:
    head, comma, body = url.partition(",")
    assert (head, comma) == ("data:;base64", ",")
    return base64.b64decode(body, validate=True)


def provisioned(configuration: dict[str, Any], content: Callable[[dict[str, str]], bytes]) -> Host:
    found: Host = {}

    def put(path: str, what: str | tuple[int, bytes]) -> None:
        assert path not in found
        found[path] = what

    for file in configuration["storage"]["files"]:
        put(file["path"].removeprefix("/"), (file["mode"], content(file["contents"])))
    for link in configuration["storage"]["links"]:
        put(link["path"].removeprefix("/"), link["target"])
    for unit in configuration["systemd"]["units"]:
        if "contents" in unit:
            put(f"{UNITS}{unit['name']}", (0o644, unit["contents"].encode()))
        for drop_in in unit.get("dropins", ()):
            put(f"{UNITS}{unit['name']}.d/{drop_in['name']}", (0o644, drop_in["contents"].encode()))
    return found


def cloud_init(host: Path) -> Host:
    text = (host / "user-data").read_text()
    assert text.startswith("#cloud-config\n")
    configuration = yaml.safe_load(text)
    found: Host = {}
    for file in configuration["write_files"]:
        assert file["owner"] == "root:root"
        content = base64.b64decode(file["content"]) if file.get("encoding") == "b64" else file["content"].encode()
        found[file["path"].removeprefix("/")] = (int(file["permissions"], 8), content)
    made = set()
    for command in configuration["runcmd"]:
        match command:
            case ["mkdir", "-p", path]:
                made.add(path)
            case ["ln", "-sfn", target, path]:
                assert any(directory.startswith(path.rpartition("/")[0]) for directory in made)
                found[path.removeprefix("/")] = target
            case _:
                assert command == ["sh", "/etc/netc/after-copy"]
                assert "etc/netc/after-copy" in found
    assert configuration["power_state"]["mode"] == "reboot"
    return found


def confext(host: Path) -> Host:
    assert (host / "netc/etc/extension-release.d/extension-release.netc").is_file()
    return lying(host / "netc")


def mkosi(host: Path) -> Host:
    inside = lying(host / "mkosi.extra")
    assert lying(host / "mkosi.initrd.conf/mkosi.extra").items() <= inside.items()
    return inside


def bootc(host: Path) -> Host:
    lines = (host / "Containerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("COPY")] == ["COPY rootfs/ /"]
    return lying(host / "rootfs")


def ansible(host: Path) -> Host:
    """The files that the role copies, with the modes it gives them."""
    wanted = json.loads((host / "on-host.json").read_text())
    found: Host = {link["path"]: link["target"] for link in wanted["links"]}
    for file in wanted["files"]:
        path = host / "after-copy" if file["path"] == "etc/netc/after-copy" else host / "rootfs" / file["path"]
        found[file["path"]] = (int(file["mode"], 8), path.read_bytes())
    assert set(lying(host / "rootfs")) == found.keys() - {"etc/netc/after-copy"}
    return found


def deb(host: Path) -> Host:
    (package,) = host.glob("*.deb")
    parts = ar(package.read_bytes())
    assert list(parts) == ["debian-binary", "control.tar", "data.tar"]
    assert parts["debian-binary"] == b"2.0\n"
    found, control = members(parts["data.tar"]), members(parts["control.tar"])
    asked = control["conffiles"][1]
    assert isinstance(asked, bytes)
    files = {f"/{path}" for path, what in found.items() if path.startswith("etc/") and not isinstance(what, str)}
    assert set(asked.decode().splitlines()) == files
    return found


def ar(archive: bytes) -> dict[str, bytes]:
    """The members of an archive of ar(5)."""
    assert archive.startswith(b"!<arch>\n")
    found, at = {}, 8
    while at < len(archive):
        head = archive[at : at + 60]
        assert head[58:] == b"`\n"
        size = int(head[48:58])
        found[head[:16].decode().rstrip(" /")] = archive[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
    return found


def rpm(host: Path) -> Host:
    """What the sources hold; that rpmbuild makes the package of it that it should is for another test."""
    found = members((host / "rootfs.tar").read_bytes())
    (_, listed) = (host / "netc.spec").read_text().split("\n%files\n%defattr(-,root,root,-)\n")
    lines = {line.removeprefix("%config ") for line in listed.splitlines() if not line.startswith("%dir")}
    # Names that are escaped for systemd hold backslashes.
    assert lines - {"/usr/lib/netc/after-copy"} == {f"/{path}".replace("\\", "?") for path in found}
    return found


UNPACKED: dict[str, Callable[[Path], Host]] = {
    "tree": tree,
    "tar": tar,
    "ignition": ignition,
    "butane": butane,
    "cloud-init": cloud_init,
    "ansible": ansible,
    "confext": confext,
    "mkosi": mkosi,
    "bootc": bootc,
    "deb": deb,
    "rpm": rpm,
}
"""By format, the files on the host; `host` is the directory of the host in the output."""

AFTER_COPY_UNIT = {
    "etc/netc/after-copy",
    "etc/systemd/system/netc-after-copy.service",
    "etc/systemd/system/multi-user.target.wants/netc-after-copy.service",
}

MORE: dict[str, set[str]] = {
    "ignition": AFTER_COPY_UNIT,
    "butane": AFTER_COPY_UNIT,
    "cloud-init": {"etc/netc/after-copy"},
    "ansible": {"etc/netc/after-copy"},
    "deb": {"usr/lib/netc/after-copy"},
    "confext": {
        "etc/extension-release.d/extension-release.netc",
        "etc/systemd/system/netc-confext.service",
        "etc/systemd/system/sysinit.target.upholds/netc-confext.service",
    },
}
"""What a format may put on a host beside the files of `tree`."""

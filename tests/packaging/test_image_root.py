"""Writing into an image: what others put there stays, and no link leads out."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from netc.packaging import image_root
from netc.packaging.finding import How, OutputError
from netc.plan import Artifact

ARTIFACTS = [
    Artifact("plan.json", "{}\n"),
    Artifact("rootfs/etc/sysctl.d/90-netc.conf", "a = 1\n"),
    Artifact("rootfs/etc/netc/nic/front", "#!/bin/sh\n", 0o755),
    Artifact("rootfs/etc/systemd/system/x.wants/a.service", target="../a.service"),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An image with a file of its own."""
    image = tmp_path / "image"
    (image / "etc/sysctl.d").mkdir(parents=True)
    (image / "etc/sysctl.d/10-own.conf").write_text("own\n")
    return image


def write(root: Path, artifacts: list[Artifact] = ARTIFACTS, *, force: bool = False) -> list[tuple[str, How]]:
    return [(d.path, d.how) for d in image_root.write(artifacts, root, ["lb.net"], force=force)]


def files(root: Path) -> set[str]:
    return {str(p.relative_to(root)) for p in root.rglob("*") if not p.is_dir() or p.is_symlink()}


def codes_of(error: pytest.ExceptionInfo[OutputError]) -> list[str]:
    return [diagnostic.code for diagnostic in error.value.diagnostics]


def test_only_rootfs_is_written_and_a_manifest(root: Path) -> None:
    assert {how for _, how in write(root)} == {How.MISSING}
    assert files(root) == {
        "etc/sysctl.d/10-own.conf",
        "etc/sysctl.d/90-netc.conf",
        "etc/netc/nic/front",
        "etc/netc/manifest.json",
        "etc/systemd/system/x.wants/a.service",
    }
    assert stat.S_IMODE((root / "etc/netc/nic/front").stat().st_mode) == 0o755
    manifest = json.loads((root / "etc/netc/manifest.json").read_text())
    assert [f["path"] for f in manifest["files"]] == ["etc/netc/nic/front", "etc/sysctl.d/90-netc.conf"]
    assert manifest["directories"][0] == "etc/netc"


def changes(root: Path) -> dict[Path, tuple[int, int, int]]:
    """What tells whether something was written: file, and when content and attributes last changed."""
    found = {path: path.lstat() for path in root.rglob("*")}
    return {path: (status.st_ino, status.st_mtime_ns, status.st_ctime_ns) for path, status in found.items()}


def test_what_is_the_same_is_not_touched(root: Path) -> None:
    write(root)
    before = changes(root)
    assert write(root) == []
    assert changes(root) == before


def test_what_is_wanted_no_more_goes_with_its_directories(root: Path) -> None:
    write(root)
    assert write(root, ARTIFACTS[1:2]) == [
        ("etc/netc/nic/front", How.NOT_WANTED),
        ("etc/systemd/system/x.wants/a.service", How.NOT_WANTED),
    ]
    assert not (root / "etc/systemd").exists()
    assert not (root / "etc/netc/nic").exists()
    write(root, [])
    assert (root / "etc/sysctl.d/10-own.conf").exists()
    assert files(root) == {"etc/sysctl.d/10-own.conf", "etc/netc/manifest.json"}


def test_directories_that_others_use_stay(root: Path) -> None:
    write(root)
    (root / "etc/systemd/system/mine.service").write_text("x")
    write(root, [])
    assert (root / "etc/systemd/system/mine.service").exists()
    assert not (root / "etc/systemd/system/x.wants").exists()


def test_a_file_in_the_way_is_an_error(root: Path) -> None:
    path = root / "etc/sysctl.d/90-netc.conf"
    path.write_text("mine\n")
    with pytest.raises(OutputError) as caught:
        write(root)
    assert codes_of(caught) == ["N0501"]
    assert str(path) in str(caught.value)
    assert files(root) == {"etc/sysctl.d/10-own.conf", "etc/sysctl.d/90-netc.conf"}
    write(root, force=True)
    assert path.read_text() == "a = 1\n"


def test_a_file_changed_by_hand_is_an_error(root: Path) -> None:
    write(root)
    path = root / "etc/sysctl.d/90-netc.conf"
    path.write_text("mine\n")
    for artifacts in (ARTIFACTS, []):
        with pytest.raises(OutputError) as caught:
            write(root, artifacts)
        assert codes_of(caught) == ["N0502"]
    write(root, [], force=True)
    assert not path.exists()


def test_an_equal_file_is_taken_over(root: Path) -> None:
    """What an interrupted run has written is no obstacle for the next."""
    (root / "etc/sysctl.d/90-netc.conf").write_text("a = 1\n")
    (root / "etc/sysctl.d/90-netc.conf").chmod(0o644)
    write(root)
    assert write(root) == []


def test_absolute_links_are_places_in_the_image(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "usr-outside"
    (root / "usr/share/sysctl").mkdir(parents=True)
    (root / "etc/sysctl.d/10-own.conf").unlink()
    (root / "etc/sysctl.d").rmdir()
    (root / "etc/sysctl.d").symlink_to("/usr/share/sysctl")
    (root / "etc/systemd").symlink_to("../../../../usr/systemd")
    write(root)
    assert (root / "usr/share/sysctl/90-netc.conf").exists()
    assert (root / "usr/systemd/system/x.wants/a.service").is_symlink()
    assert not outside.exists()
    assert not Path("/usr/systemd").exists()
    assert write(root) == []


def test_a_link_out_of_the_image_is_followed_inside(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "etc/netc").symlink_to(outside)
    write(root)
    assert list(outside.iterdir()) == []
    assert (root / str(outside).lstrip("/") / "nic/front").exists()


def test_a_link_in_place_of_a_file_is_replaced_and_not_followed(root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a = 1\n")
    path = root / "etc/sysctl.d/90-netc.conf"
    path.symlink_to(secret)
    with pytest.raises(OutputError) as caught:
        write(root)
    assert codes_of(caught) == ["N0501"]
    write(root, force=True)
    assert not path.is_symlink()
    assert secret.read_text() == "a = 1\n"


def test_links_without_end(root: Path) -> None:
    (root / "etc/systemd").symlink_to("systemd")
    with pytest.raises(OutputError) as caught:
        write(root)
    assert codes_of(caught) == ["N0506"]


def test_a_file_where_a_directory_must_be(root: Path) -> None:
    (root / "etc/systemd").write_text("x")
    with pytest.raises(OutputError) as caught:
        write(root)
    assert codes_of(caught) == ["N0503"]


def test_an_image_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        write(tmp_path / "no")
    assert codes_of(caught) == ["N0504"]


def test_a_broken_manifest(root: Path) -> None:
    write(root)
    (root / "etc/netc/manifest.json").write_text("{")
    with pytest.raises(OutputError) as caught:
        write(root)
    assert codes_of(caught) == ["N0505"]
    write(root, force=True)
    assert write(root) == []

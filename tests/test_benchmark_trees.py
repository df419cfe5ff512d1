"""What benchmarks lay over the root of a machine."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)


def test_a_host_is_compiled_beside_its_source(tmp_path: Path) -> None:
    from benchmarks.trees import compiled, kernel_arguments

    source = tmp_path / "a.net"
    system = "system { distribution debian 12 }"
    argument = 'kernel-argument "audit=0" because "a test"'
    source.write_text(f"host a {{ {system}\n{argument} }}\nhost b {{ {system} }}\n")
    out = compiled(source, tmp_path)
    assert sorted(path.name for path in out.iterdir()) == ["a", "b"]
    assert kernel_arguments(out / "a") == "audit=0"
    assert kernel_arguments(out / "b") == ""


def test_what_does_not_compile_is_told(tmp_path: Path) -> None:
    from benchmarks.trees import NotCompiledError, compiled

    source = tmp_path / "a.net"
    source.write_text("hots a { }\n")
    with pytest.raises(NotCompiledError, match=r"error.*hots"):
        compiled(source, tmp_path)


def test_tuned_is_chosen_or_masked(tmp_path: Path) -> None:
    from benchmarks.trees import choose_tuned, mask_tuned

    choose_tuned(tmp_path / "with", "network-latency")
    files = {path.name: path.read_text() for path in (tmp_path / "with/etc/tuned").iterdir()}
    assert files == {"active_profile": "network-latency\n", "profile_mode": "manual\n"}
    mask_tuned(tmp_path / "without")
    assert (tmp_path / "without/etc/systemd/system/tuned.service").readlink() == Path("/dev/null")
    assert not (tmp_path / "without/etc/tuned").exists()

"""A headless Chromium, spoken to by the DevTools protocol through two pipes: no port, no library.

Requests and answers are JSON texts that end in a zero byte, on the descriptors 3 and 4 of the browser
(`--remote-debugging-pipe`).
"""

from __future__ import annotations

import base64
import json
import select
import subprocess
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 60.0
COMMAND = (
    "exec chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-extensions "
    '--user-data-dir="$0" --remote-debugging-pipe about:blank 3<&0 4>&1 >/dev/null 2>&1'
)


class Browser:
    """One page. `troubles` are what its console was told, and what it was refused."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            ["bash", "-c", COMMAND, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self.troubles: list[str] = []
        self.requests: list[str] = []
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{domain}.enable")

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def open(self, path: Path, *, dark: bool = False, width: int = 1300, height: int = 1000) -> None:
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._ask("Emulation.setEmulatedMedia", features=scheme)
        self._ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self._ask("Page.navigate", url=path.as_uri())
        end = time.monotonic() + PATIENCE
        while self.evaluate("document.readyState + location.protocol") != "completefile:":
            assert time.monotonic() < end, "the page does not load"
            time.sleep(0.05)

    def evaluate(self, expression: str) -> Any:
        answer = self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def picture(self, path: Path) -> bytes:
        data = base64.b64decode(self._ask("Page.captureScreenshot", captureBeyondViewport=True)["data"])
        path.write_bytes(data)
        return data

    def _ask(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        request: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            request["sessionId"] = self._session
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\0")
        while (message := self._message()).get("id") != self._number:
            self._note(message)
        assert "error" not in message, message
        return message["result"]

    def _note(self, message: dict[str, Any]) -> None:
        told = message.get("params", {})
        match message.get("method"):
            case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded":
                self.troubles.append(json.dumps(told))
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])

    def _message(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE)
            assert ready, "the browser does not answer"
            data = self._process.stdout.read(1 << 16)
            assert data, "the browser has ended"
            self._buffer += data
        message, _, self._buffer = self._buffer.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

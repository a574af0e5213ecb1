"""A fake of three carriers, over a real socket, that can be slow, busy, broken or hostile."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any


class Carriers:
    """What the carriers know of numbers, and how they behave; `asked` holds the paths."""

    def __init__(self) -> None:
        self.events: dict[str, list[tuple[str, str]]] = {}
        self.promised = ""
        self.asked: list[str] = []
        self.bodies: list[bytes] = []
        #: answers that come first: status, headers, body
        self.next: list[tuple[int, dict[str, str], bytes]] = []
        self.seconds = 0.0
        self.url = ""

    def canada_post(self, number: str) -> tuple[int, bytes]:
        """Return what Canada Post would."""
        if number not in self.events:
            return 404, b"<messages><message><code>004</code></message></messages>"
        items = "".join(
            f"<occurrence><event-identifier>{code}</event-identifier><event-date>{at[:10]}"
            f"</event-date><event-time>{at[11:19]}</event-time><event-time-zone>EST"
            "</event-time-zone><event-description/><event-site>QUEBEC</event-site></occurrence>"
            for code, at in self.events[number]
        )
        return 200, (
            f"<tracking-detail><pin>{number}</pin><expected-delivery-date>{self.promised}"
            f"</expected-delivery-date><significant-events>{items}</significant-events>"
            "</tracking-detail>"
        ).encode()

    def fedex(self, body: bytes) -> bytes:
        """Return what FedEx would."""
        numbers = [
            one["trackingNumberInfo"]["trackingNumber"] for one in json.loads(body)["trackingInfo"]
        ]
        results = [
            {
                "trackingNumber": number,
                "trackResults": [
                    {
                        "scanEvents": [
                            {"date": f"{at}-05:00", "eventType": code, "eventDescription": code}
                            for code, at in self.events.get(number, [])
                        ]
                    }
                ],
            }
            for number in numbers
        ]
        return json.dumps({"output": {"completeTrackResults": results}}).encode()

    def purolator(self, body: bytes) -> bytes:
        """Return what Purolator would, of every number that is in the question."""
        found = ""
        for number, events in self.events.items():
            if number.encode() in body:
                scans = "".join(
                    f"<Scan><ScanType>{code}</ScanType><Depot><Name>QUEBEC, QC</Name></Depot>"
                    f"<ScanDate>{at[:10]}</ScanDate><ScanTime>{at[11:19].replace(':', '')}"
                    f"</ScanTime><Description>{code}</Description></Scan>"
                    for code, at in events
                )
                found += (
                    f"<TrackingInformation><PIN><Value>{number}</Value></PIN><Scans>{scans}</Scans>"
                    "</TrackingInformation>"
                )
        return f"<E><TrackPackagesByPinResponse>{found}</TrackPackagesByPinResponse></E>".encode()

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body."""
        if self.next:
            return self.next.pop(0)
        if path == "/oauth/token":
            return 200, {}, b'{"access_token": "t0", "expires_in": 3600}'
        if path == "/track/v1/trackingnumbers":
            return 200, {}, self.fedex(body)
        if path.endswith("TrackingService.asmx"):
            return 200, {}, self.purolator(body)
        if path.startswith("/vis/track/pin/"):
            status, said = self.canada_post(path.split("/")[4])
            return status, {}, said
        return 404, {}, b"no such page"


@contextmanager
def serving() -> Iterator[Carriers]:
    """Serve the fake carriers on this machine."""
    carriers = Carriers()

    class Handler(BaseHTTPRequestHandler):
        def _reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            carriers.asked.append(self.path)
            carriers.bodies.append(body)
            time.sleep(carriers.seconds)
            status, headers, said = carriers.answer(self.command, self.path, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = _reply

        def log_message(self, *args: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    carriers.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield carriers
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

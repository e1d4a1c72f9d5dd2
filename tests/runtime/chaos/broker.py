"""A broker of its own process: keeps each event that it takes as a file, whoever dies meanwhile.

python broker.py DIRECTORY    writes its port to DIRECTORY/port; 503 while DIRECTORY/down is
"""

from __future__ import annotations

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from omniforce.runtime.events import from_http, to_text

place = Path(sys.argv[1])


class Handler(BaseHTTPRequestHandler):
    count = 0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        status = 503
        if not (place / "down").exists():
            headers = {name.lower(): value for name, value in self.headers.items()}
            Handler.count += 1
            fresh = place / f"{Handler.count:06d}.new"
            fresh.write_text(to_text(from_http(headers, body)))
            fresh.rename(place / f"{Handler.count:06d}.json")
            status = 202
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
(place / "port.new").write_text(str(server.server_address[1]))
os.rename(place / "port.new", place / "port")
server.serve_forever()

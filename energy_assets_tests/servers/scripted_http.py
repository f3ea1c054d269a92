"""An HTTP server that answers as it is told, in order: busy, refusing, slow, or half a word.

A simulation of a server's bad days; the last answer is given again and again.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes:
        status: HTTP status.
        body: What is sent.
        headers: Headers besides the framing's.
        ends: `whole`; `cut` breaks the connection before the announced end; `unframed` announces no
            end; `never` sends nothing at all.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    ends: Literal["whole", "cut", "cut chunk", "unframed", "never"] = "whole"


class ScriptedHttp(ThreadingHTTPServer):
    """Listens on a free port until it is closed."""

    daemon_threads = True

    def __init__(self, answers: Sequence[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = list(answers)
        self.requests: list[tuple[str, bytes]] = []
        """Path and body of every request."""
        self.closing = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def handle_error(self, *arguments: object) -> None:
        """Clients that went away are part of the play."""

    def close(self) -> None:
        self.closing.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ScriptedHttp

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append((self.path, body))
        answer = self.server.next_answer()
        if answer.ends == "never":
            self.server.closing.wait(60)
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.ends == "cut chunk":
            self.send_header("Transfer-Encoding", "chunked")
        elif answer.ends != "unframed":
            missing = 100 if answer.ends == "cut" else 0
            self.send_header("Content-Length", str(len(answer.body) + missing))
        self.end_headers()
        chunk = f"{len(answer.body):x}\r\n".encode() + answer.body + b"\r\n"
        self.wfile.write(chunk if answer.ends == "cut chunk" else answer.body)
        self.close_connection = answer.ends != "whole"

"""HTTP/1.1 on loopback with connections that stay open, a thread for each."""

import http.server
import socket
import socketserver

from .clock import http_date
from .exchange import Request

BODY_MAXIMUM = 64 << 20


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Listens; `standin` answers."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, standin):
        super().__init__(("127.0.0.1", port), Handler)
        self.standin = standin

    def server_bind(self):
        # Without the look-up of a host's name that HTTPServer makes.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address):
        """A client that goes away is nothing to report."""


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120

    def answer(self):
        body = self._read_body()
        if body is None:
            return
        self.server.standin.serve(Request(self.command, self.path, self.headers, body), self)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def _read_body(self):
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            return self._read_chunks()
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= BODY_MAXIMUM:
            self.send_error(413)
            self.close_connection = True
            return None
        return self.rfile.read(length) if length else b""

    def _read_chunks(self):
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0] or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline()
            if len(body) > BODY_MAXIMUM:
                self.close_connection = True
                return None
        while self.rfile.readline().strip():
            pass
        return bytes(body)

    def respond(self, reply, now, cut=None):
        """Sends a reply in one piece; `cut` stops after so many bytes of the body and closes."""
        body = reply.encoded()
        reason = http.server.BaseHTTPRequestHandler.responses.get(reply.status, ("",))[0]
        lines = [f"HTTP/1.1 {reply.status} {reason}", f"Date: {http_date(now)}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        if body:
            lines.append(f"Content-Type: {reply.content_type}")
        if reply.status not in (204, 304):
            lines.append(f"Content-Length: {len(body)}")
        else:
            body = b""
        if self.close_connection or cut is not None:
            lines.append("Connection: close")
        self.wfile.write("\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + (body if cut is None else body[:cut]))
        if cut is not None:
            self.hang_up()

    def hang_up(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def log_message(self, format, *arguments):
        """Requests are counted by the stand-in, not printed."""

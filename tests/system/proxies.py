"""A TCP proxy in threads between a client and a server: it records, and it cuts."""

import contextlib
import socket
import threading

from tests.support.processes import LOOPBACK

_CHUNK = 64 * 1024


class Proxy:
    """Passes connections on to *target*.

    :ivar streams: for each connection what the client and what the server sent, if *record*.
    :ivar passed: bytes that went through, in both directions.
    """

    def __init__(self, target: int, *, record: bool = False) -> None:
        self.streams: list[tuple[bytearray, bytearray]] = []
        self.passed = 0
        self.cuts = 0
        self._target = target
        self._record = record
        self._cut_at: int | None = None
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections, and cut those that there are."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Cut every connection, on both sides."""
        for pair in self._take():
            for end in pair:
                _abort(end)

    def cut_after(self, more: int) -> None:
        """Cut as soon as so many more bytes have passed."""
        with self._lock:
            self._cut_at = self.passed + more

    def lose(self) -> None:
        """Cut every connection on the client's side, and leave the server to wait on its own."""
        for client, _ in self._take():
            _abort(client)

    def _take(self) -> list[tuple[socket.socket, socket.socket]]:
        with self._lock:
            taken, self._pairs = self._pairs, []
            self.cuts += bool(taken)
        return taken

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((LOOPBACK, self._target))
            except OSError:  # the server is away: so are we
                client.close()
                continue
            streams = (bytearray(), bytearray())
            with self._lock:
                self._pairs.append((client, server))
                self.streams.append(streams)
            for source, sink, kept in (
                (client, server, streams[0]),
                (server, client, streams[1]),
            ):
                thread = threading.Thread(target=self._pump, args=(source, sink, kept), daemon=True)
                thread.start()

    def _pump(self, source: socket.socket, sink: socket.socket, kept: bytearray) -> None:
        try:
            while received := source.recv(_CHUNK):
                if self._record:
                    kept += received
                sink.sendall(received)
                self._count(len(received))
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            # What is lost on one side is lost on the other, unless the test holds that open.
            with self._lock:
                held = any(source in pair for pair in self._pairs)
            if held:
                _abort(sink)

    def _count(self, length: int) -> None:
        with self._lock:
            self.passed += length
            due = self._cut_at is not None and self.passed >= self._cut_at
            if due:
                self._cut_at = None
        if due:
            self.cut()


def _abort(end: socket.socket) -> None:
    """Close a socket so that its peer learns of a reset, whatever thread uses it."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        end.shutdown(socket.SHUT_RDWR)
    end.close()

"""A request's body taken in without a copy of it.

On its way through gunicorn a body is copied four times. Each copy of a large one is
fresh memory, and that costs more than all the decoding of what matters in it: measured,
two thirds of the time between the socket and the application.
"""

from typing import Any

from gunicorn.http.body import Body, LengthReader
from gunicorn.http.unreader import SocketUnreader


class WholeBody(Body):
    """A body of known length that can be received into its reader's own buffer."""

    def __init__(self, reader: LengthReader, source: SocketUnreader) -> None:
        """The body that ``reader`` is about to read from ``source``."""
        super().__init__(reader)
        self._left = reader
        self._source = source

    # Any: gunicorn attaches a body to its request without saying of which kind.
    @classmethod
    def of(cls, body: Any) -> Any:
        """``body``, as one of this kind where it comes in at a known length."""
        reader = body.reader
        source = getattr(reader, "unreader", None)
        if isinstance(reader, LengthReader) and isinstance(source, SocketUnreader):
            return cls(reader, source)
        return body

    def readinto(self, buffer: bytearray) -> int:
        """Fill ``buffer`` with what comes next, and say with how many bytes.

        They are fewer than it holds only where the body or the connection ended.
        Raises OSError where the client took too long.
        """
        with memoryview(buffer) as view:
            wanted = min(len(view), self._left.length)
            # What came together with the headers; beyond the body, it is not ours.
            held = self._source.take_buffered()
            self._source.unread(held[wanted:])
            filled = min(len(held), wanted)
            view[:filled] = held[:filled]
            while filled < wanted and (
                received := self._source.sock.recv_into(view[filled:wanted])
            ):
                filled += received
        self._left.length -= filled
        return filled

"""One speech: from the bytes of a chat stream to its pieces. It knows what was said and how it ended; it knows no
clock and no connection."""

from collections.abc import Iterator
from typing import Final

from debate_server.core.chat import count, count_chat
from debate_server.core.errors import Empty, Failed, Garbled, UpstreamError
from debate_server.core.events import Usage
from debate_server.upstream.chunk import Chunk, Ending, read
from debate_server.upstream.decode import Decoder, Malformed
from debate_server.upstream.endpoint import Endpoint
from debate_server.upstream.faults import place
from debate_server.upstream.pieces import Finish, Piece, Request, Text, Thinking
from debate_server.upstream.reasoning import Reasoning
from debate_server.upstream.redact import quote
from debate_server.upstream.veil import Veil

# Characters kept before they are counted as tokens: counted one delta at a time, each would round up.
_COUNTED_AT_ONCE: Final = 4096


class Speech:
    """Feed it the stream's bytes, take the pieces, and ``finish`` it. It becomes, for good:

    - ``begun`` with its first ``Text``: no fault may void it any more;
    - ``ended`` with its finish reason: no fault can cut it any more;
    - ``marked`` with the end mark of the stream: nothing more is to come;
    - ``over`` with the end of the stream.

    ``words`` counts what came of content and reasoning, to see progress by.
    """

    def __init__(self, request: Request, endpoint: Endpoint, limit: int) -> None:
        """``limit``: how many bytes it may have."""
        self.begun = False
        self.over = False
        self.words = 0
        self._request = request
        self._endpoint = endpoint
        self._limit = limit
        self._room = limit
        self._decoder = Decoder()
        self._reasoning = Reasoning()
        self._veil = Veil(endpoint.api_key)
        self._thinking = False
        self._ending: Ending | None = None
        self._usage: Usage | None = None
        self._counted = 0
        self._uncounted: list[str] = []

    @property
    def ended(self) -> bool:
        return self._ending is not None

    @property
    def marked(self) -> bool:
        return self._decoder.done

    def feed(self, data: bytes) -> Iterator[Piece]:
        """The pieces that ``data`` completes; empty ``data`` is the end of the stream.

        Raises Garbled for bytes that are no chat stream or a speech past its limit, Failed for an error object.
        """
        reason = ""
        try:
            for event in self._decoder.feed(data):
                yield from self._hear(read(event))
            if not data:
                self.over = True
                if last := self._decoder.end():
                    yield from self._hear(read(last))
        except Malformed as error:
            reason = str(error)
        if reason:
            raise Garbled(f"{self._where} sent what is no chat stream: {reason}. Try again, or check the address.")

    def finish(self, fault: UpstreamError | None = None) -> Iterator[Piece]:
        """The last pieces: words that were held back, and how it ended. Without a finish reason the speech is cut off:
        by ``fault``, or because its end is missing.

        Raises ``fault`` where it came before the speech, Empty where nothing was said.
        """
        if held := self._veil.end():
            try:
                yield from self._say(held)
            except Garbled as too_long:
                fault = fault or too_long
        if self._ending is None:
            fault = fault or Garbled(f"{self._where} ended the stream without a finish reason. Try again.")
        elif not self.begun:
            fault = Empty(f"{self._where} said nothing{self._why_empty()}")
        if fault is not None and not self.begun:
            raise fault
        if self._ending is None:
            yield Finish("cut_off", self._usage or self._estimate(), fault.message if fault else None)
        else:
            yield Finish(self._ending, self._usage or self._estimate())

    def _hear(self, chunk: Chunk) -> Iterator[Piece]:
        if chunk.usage is not None:
            self._usage = chunk.usage
        if self.ended:
            return
        if chunk.error is not None:
            said = quote(chunk.error, self._endpoint.api_key)
            raise Failed(f"{self._where} failed in mid-stream: {said}. Try again; if it goes on, see its own log.")
        if chunk.reasoning or chunk.text:
            self._count(chunk.reasoning + chunk.text)
        spoken = self._veil.feed(self._reasoning.feed(chunk.text)) if chunk.text else ""
        if (chunk.reasoning or self._reasoning.seen) and not self._thinking and not self.begun:
            self._thinking = True
            yield Thinking()
        if chunk.ending is not None:
            spoken += self._veil.feed(self._reasoning.end()) + self._veil.end()
        if spoken and (self.begun or (spoken := spoken.lstrip())):
            yield from self._say(spoken)
        self._ending = chunk.ending

    def _say(self, spoken: str) -> Iterator[Piece]:
        size = len(spoken) if spoken.isascii() else len(spoken.encode())
        over = size > self._room
        if over:
            spoken = spoken.encode()[: max(0, self._room)].decode(errors="ignore")
        self._room -= size
        if spoken:
            self.begun = True
            yield Text(spoken)
        if over:
            raise Garbled(f"{self._where} spoke more than {self._limit} bytes. Raise --max-speech to allow more.")

    def _count(self, text: str) -> None:
        self.words += 1
        self._uncounted.append(text)
        if len(self._uncounted) >= _COUNTED_AT_ONCE:
            self._counted += count("".join(self._uncounted))
            self._uncounted.clear()

    def _estimate(self) -> Usage:
        output = self._counted + (count("".join(self._uncounted)) if self._uncounted else 0)
        return Usage(count_chat(self._request.messages), output, estimated=True)

    def _why_empty(self) -> str:
        if self._ending == "length":
            return ": it used up its limit of tokens while it reasoned. Raise the agent's max_tokens."
        if self._ending == "content_filter":
            return ": its content filter stopped it. Change the topic, or choose another model."
        return ". Try again, or choose another model."

    @property
    def _where(self) -> str:
        return place(self._endpoint)

"""One speech: from the bytes of a chat stream to its words. It knows what was said and how it ended; it knows no clock
and no connection."""

from typing import Final

from debate_server.core.chat import count, count_chat
from debate_server.core.errors import Empty, Failed, Garbled, UpstreamError
from debate_server.core.events import Usage
from debate_server.upstream.chunk import Ending, read
from debate_server.upstream.decode import Decoder, Malformed, Object
from debate_server.upstream.endpoint import Endpoint
from debate_server.upstream.faults import place
from debate_server.upstream.reasoning import Reasoning
from debate_server.upstream.redact import quote
from debate_server.upstream.request import Finish, Listener, Request
from debate_server.upstream.veil import Veil

# Deltas kept before they are counted as tokens: counted one at a time, each would round up.
_COUNTED_AT_ONCE: Final = 4096


class Speech:
    """Feed it the stream's bytes, ``end`` it where the stream came to its end, and ``finish`` it. It becomes, for good:

    - ``begun`` with its first words: no fault may void it any more;
    - ``ended`` with its finish reason: no fault can cut it any more;
    - ``marked`` with the end mark of the stream: nothing more is to come.

    ``words`` counts what came of content and reasoning, to see progress by.
    """

    def __init__(self, request: Request, endpoint: Endpoint, limit: int, listener: Listener) -> None:
        """``limit``: how many bytes it may have."""
        self.begun = False
        self.ended = False
        self.marked = False
        self.words = 0
        self._listener = listener
        self._request = request
        self._endpoint = endpoint
        self._limit = limit
        self._room = limit
        self._decoder = Decoder(self._hear)
        self._reasoning = Reasoning()
        self._veil = Veil(endpoint.api_key)
        self._thinking = False
        self._ending: Ending | None = None
        self._usage: Usage | None = None
        self._counted = 0
        self._uncounted: list[str] = []

    def feed(self, data: bytes) -> None:
        """Tell the words that ``data`` completes.

        Raises Garbled for bytes that are no chat stream or a speech past its limit, Failed for an error object.
        """
        reason = ""
        try:
            self._decoder.feed(data)
            self.marked = self._decoder.done
        except Malformed as error:
            reason = str(error)
        if reason:
            raise Garbled(f"{self._where} sent what is no chat stream: {reason}. Try again, or check the address.")

    def end(self) -> None:
        """The stream came to its end: tell what was not complete without it. Raises as ``feed``."""
        self._decoder.end()

    def finish(self, fault: UpstreamError | None = None) -> Finish:
        """Tell the words that were held back; how it ended. Without a finish reason the speech is cut off: by
        ``fault``, or because its end is missing.

        Raises ``fault`` where it came before the speech, Empty where nothing was said.
        """
        if held := self._veil.end():
            try:
                self._say(held)
            except Garbled as too_long:
                fault = fault or too_long
        if self._ending is None:
            fault = fault or Garbled(f"{self._where} ended the stream without a finish reason. Try again.")
        elif not self.begun:
            fault = Empty(f"{self._where} said nothing{self._why_empty()}")
        if fault is not None and not self.begun:
            raise fault
        if self._ending is None:
            return Finish("cut_off", self._cost(), fault.message if fault else None)
        return Finish(self._ending, self._cost())

    def _hear(self, event: Object) -> None:
        chunk = read(event)
        if chunk.usage is not None:
            self._usage = chunk.usage
        if self.ended:
            return
        if chunk.error is not None:
            said = quote(chunk.error, self._endpoint.api_key)
            raise Failed(f"{self._where} failed in mid-stream: {said}. Try again; if it goes on, see its own log.")
        if chunk.reasoning or chunk.text:
            self.words += 1
            self._uncounted.append(chunk.reasoning + chunk.text)
            if len(self._uncounted) >= _COUNTED_AT_ONCE:
                self._count()
        spoken = self._veil.feed(self._reasoning.feed(chunk.text)) if chunk.text else ""
        if (chunk.reasoning or self._reasoning.seen) and not self._thinking and not self.begun:
            self._thinking = True
            self._listener.thinking()
        if chunk.ending is not None:
            spoken += self._veil.feed(self._reasoning.end()) + self._veil.end()
        if spoken and (self.begun or (spoken := spoken.lstrip())):
            self._say(spoken)
        self._ending, self.ended = chunk.ending, chunk.ending is not None

    def _say(self, spoken: str) -> None:
        size = len(spoken) if spoken.isascii() else len(spoken.encode())
        over = size > self._room
        if over:
            spoken = spoken.encode()[: max(0, self._room)].decode(errors="ignore")
        self._room -= size
        if spoken:
            self.begun = True
            self._listener.words(spoken)
        if over:
            raise Garbled(f"{self._where} spoke more than {self._limit} bytes. Raise --max-speech to allow more.")

    def _count(self) -> None:
        self._counted += count("".join(self._uncounted))
        self._uncounted.clear()

    def _cost(self) -> Usage:
        return self._request.priced(self._usage or self._estimate())

    def _estimate(self) -> Usage:
        if self._uncounted:
            self._count()
        return Usage(count_chat(self._request.messages), self._counted, estimated=True)

    def _why_empty(self) -> str:
        if self._ending == "length":
            return ": it used up its limit of tokens while it reasoned. Raise the agent's max_tokens."
        if self._ending == "content_filter":
            return ": its content filter stopped it. Change the topic, or choose another model."
        return ". Try again, or choose another model."

    @property
    def _where(self) -> str:
        return place(self._endpoint)

"""Viewers that are slow: each reads so many bytes a second, or none at all.

    python -m scripts.benchmarks.load.slow PORT PATH VIEWERS BYTES

Prints a line once all have asked. Their buffers are small and their packets as long as those of a network, or the
kernel would keep megabytes for each before the server noticed.
"""

import socket
import sys
import time
from contextlib import suppress
from typing import Final

BUFFER: Final = 16_384
# How often a second each reads.
READS: Final = 4
# Bytes of a packet's content on Ethernet.
PACKET: Final = 1460


def main(port: int, path: str, viewers: int, bytes_a_second: int) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    asking = [_asking(port, request) for _ in range(viewers)]
    print("all have asked", flush=True)
    while True:
        time.sleep(1 / READS)
        for viewer in asking if bytes_a_second else ():
            with suppress(BlockingIOError, ConnectionError):  # there is nothing (more), or the server dropped it
                viewer.recv(bytes_a_second // READS, socket.MSG_DONTWAIT)


def _asking(port: int, request: bytes) -> socket.socket:
    viewer = socket.socket()
    viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    viewer.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, PACKET)
    viewer.connect(("127.0.0.1", port))
    viewer.sendall(request)
    return viewer


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))

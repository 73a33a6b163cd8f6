"""The process in which the embedded model lives: an OpenAI-compatible server on a loopback port.

One JSON line on stdin tells it what to serve (``Parameters``); one JSON line on stdout answers where, once it
listens: ``{"address": "http://127.0.0.1:41117", "context": 4096}``. Then it lives until its stdin ends, which is
when its parent does, however that comes about: no signal, no polling, the same on every platform.

It imports the standard library and ``xllamacpp`` only, and is run by its path, so that it stays small. It knows
nothing of debates.
"""

import http.client
import json
import os
import sys
from typing import Any, TypedDict

# Behind the server: words may come late, a page may not.
NICENESS = 10
# How long an OpenMP thread turns in circles before it sleeps. By default it does so for milliseconds, and where another
# program takes a core, both of them wait for each other that way at every layer: 5 tokens a second in place of 30.
SPINS = "1000"
# More of them gain this small a model nothing, and a large one must leave the machine to others.
MOST_THREADS = 4
# More than one thread per slot: requests that wait for a slot hold one each, and must not keep others from being
# taken in (and their going away from being noticed). It is above the number of debates that run at a time.
HTTP_THREADS = 24
# Errors only: one of them says why a file cannot be loaded.
VERBOSITY = 1
# Prompts that left their slot, kept for the agent's next turn. The library's own bound is 8 GiB.
CACHE_MIB = 128


class Parameters(TypedDict):
    """What to serve. ``context`` is in tokens per slot; ``sampling`` holds the defaults of requests that do not say
    otherwise, and ``batch`` the tokens of a prompt that are read before other slots get a turn (0: the library's
    choice)."""

    path: str
    name: str
    key: str
    slots: int
    context: int
    batch: int
    sampling: dict[str, float]


def main() -> None:
    parameters: Parameters = json.loads(sys.stdin.buffer.readline())
    # The library may print; what it prints must not be taken for the answer, nor fill a pipe that nobody reads.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    server = serve(parameters)
    address = server.listening_address
    with answer:
        json.dump({"address": address, "context": _context(address, parameters)}, answer)
        answer.write("\n")
    sys.stdin.buffer.read()
    # No destructors: an open stream would make them wait, and nothing here needs saving.
    os._exit(0)


def serve(parameters: Parameters) -> Any:
    """Load the model and listen; returns the server, which lives as long as it is referred to. Exits the process
    with one line on stderr where it cannot."""
    os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
    try:
        import xllamacpp
    except ImportError as error:
        sys.exit(f"xllamacpp does not load here: {error}")
    common = xllamacpp.CommonParams()
    common.model.path = parameters["path"]
    common.model_alias = {parameters["name"]}
    common.api_keys = [parameters["key"]]
    common.hostnames = ["127.0.0.1"]
    common.port = 0
    common.cors_origins = ""
    common.ui = False
    common.endpoint_slots = False
    common.verbosity = VERBOSITY
    common.n_threads_http = HTTP_THREADS
    common.n_parallel = parameters["slots"]
    common.n_ctx = parameters["slots"] * parameters["context"]
    common.cache_ram_mib = CACHE_MIB
    for threads in (common.cpuparams, common.cpuparams_batch):
        threads.n_threads = min(MOST_THREADS, os.cpu_count() or 1)
    if parameters["batch"]:
        common.n_batch = common.n_ubatch = parameters["batch"]
    for name, value in parameters["sampling"].items():
        setattr(common.sampling, name, value)
    try:
        return xllamacpp.Server(common)
    except RuntimeError as error:
        sys.exit(str(error))


def _context(address: str, parameters: Parameters) -> int:
    """What a slot really has: the library gives less where the model was trained for less."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"))
    connection.request("GET", "/v1/models", headers={"Authorization": f"Bearer {parameters['key']}"})
    listed = json.loads(connection.getresponse().read())
    connection.close()
    return int(listed["data"][0]["meta"]["n_ctx"])


if __name__ == "__main__":
    main()

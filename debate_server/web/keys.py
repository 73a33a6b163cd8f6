"""What the application carries for its handlers."""

from aiohttp import web

from debate_server.engine.runner import Runner
from debate_server.log.log import Log
from debate_server.settings import Settings
from debate_server.upstream.upstream import Upstream
from debate_server.web.viewers import Viewers

REQUEST = web.RequestKey("request", str)
SETTINGS = web.AppKey("settings", Settings)
LOG = web.AppKey("log", Log)
UPSTREAM = web.AppKey("upstream", Upstream)
RUNNER = web.AppKey("runner", Runner)
TOKEN_PAGE = web.AppKey("token_page", bytes)
VIEWERS = web.AppKey("viewers", Viewers)

"""debate-server: an Optimist, a Skeptic and a Moderator argue a topic out, token by token.

The folders are floors, and imports go down only: ``cli`` and ``web`` stand on ``engine``, which stands on
``log`` and ``upstream`` (which never meet), and everything stands on ``core``.
"""

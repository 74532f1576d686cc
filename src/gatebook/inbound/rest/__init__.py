"""The REST door: HTTP requests of BigQuery's clients become Calls, replies and faults become HTTP.

server.py (sockets) -> protocol.py (bytes to requests) -> app.py (routes) -> request.py (a Call) ... respond.py (the
reply) and render.py (faults). Everything that is not plainly understood is refused here, before anybody acts on it.
"""

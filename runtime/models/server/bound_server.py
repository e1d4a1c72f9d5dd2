"""KServe's server on a socket that is open already: on one address, and not on all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import kserve

if TYPE_CHECKING:
    import socket

GRACE = 5  # seconds for requests under way when the server is told to stop


class BoundServer(kserve.ModelServer):  # type: ignore[misc] # kserve has no types
    """REST only; KServe itself would open the port on every interface."""

    def __init__(self, listening: socket.socket) -> None:
        super().__init__(
            http_port=listening.getsockname()[1],
            enable_grpc=False,
            enable_docs_url=False,
            enable_latency_logging=False,
            grace_period=GRACE,
        )
        self.listening = listening

    def setup_event_loop(self) -> None:
        """Waits for `_serve`: here, KServe would set up a loop that never runs."""

    async def _serve(self) -> None:
        super().setup_event_loop()
        for opens_a_port_of_its_own in self.servers:
            opens_a_port_of_its_own.close()
        rest: Any = self._rest_server
        rest.create_application()
        await rest._server.serve(sockets=[self.listening])

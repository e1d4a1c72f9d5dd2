"""The address is taken before anything slow is loaded."""

from __future__ import annotations

import pytest

from omniforce.runtime.models.listen import address_of, listen
from omniforce.spec.problem import Problem


def test_port_zero_takes_a_free_one() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        assert port > 0
        assert address_of(listening) == f"http://127.0.0.1:{port}"


def test_a_port_in_use_is_a_clear_error() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(Problem) as caught:
            listen("127.0.0.1", port)
    found = caught.value.diagnostic
    assert (found.code, found.message) == ("OFC740", f"port {port} of `127.0.0.1` is in use")
    assert "--port 0" in found.help


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_an_address_of_another_machine_is_a_clear_error(host: str) -> None:
    with pytest.raises(Problem) as caught:
        listen(host, 0)
    assert caught.value.diagnostic.code == "OFC740"
    assert f"nothing can listen on `{host}`" in caught.value.diagnostic.message

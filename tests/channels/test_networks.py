"""Networks are called what they call themselves, on every page alike."""

import pytest

from choir.channels.networks import network_name


@pytest.mark.parametrize(
    ("network", "shown"),
    [("youtube", "YouTube"), ("YouTube", "YouTube"), ("linkedin", "LinkedIn"), ("x", "X"), ("our-forum", "Our forum")],
)
def test_a_network_is_called_what_it_calls_itself(network: str, shown: str) -> None:
    assert network_name(network) == shown

"""Signatures are those that others compute."""

import httpx

from choir.channels.signing import OAuth1, Proof


def test_a_signature_is_the_one_in_xs_documentation() -> None:
    """The example of “Creating a signature”, with its parameters in the query."""
    signs = OAuth1(
        key="xvz1evFS4wEEPTGEFPHBog",
        key_secret="kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
        token="370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
        token_secret="LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    )
    asked = httpx.Request(
        "POST",
        "https://api.twitter.com/1.1/statuses/update.json?include_entities=true"
        "&status=Hello%20Ladies%20%2B%20Gentlemen%2C%20a%20signed%20OAuth%20request%21",
    )
    stated = signs.parameters(asked, nonce="kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", timestamp="1318622958")
    assert stated["oauth_signature"] == "hCtSmYh+iHYCEqBWrE7C7hYmtUk="


def test_a_proof_is_the_one_in_the_standard() -> None:
    proof = Proof("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")  # RFC 7636, appendix B
    assert proof.challenge["code_challenge"] == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert proof.verifier not in repr(proof)

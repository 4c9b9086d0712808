package org.ipsecif.ike;

/** The same with an additional key exchange everywhere, so that no SA is made by one exchange alone (RFC 9370 section 2.2.4). */
class AdditionalCollisionTest extends CollisionTest {
    @Override
    PeerConfig configured(PeerConfig peer) {
        return TestNetwork.with(
                peer, "aes128gcm16-prfsha256-x25519-ke1_mlkem512", "aes128gcm16-x25519-ke1_ecp256-ke2_mlkem512");
    }
}

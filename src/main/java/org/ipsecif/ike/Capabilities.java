package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.ike.message.HashAlgorithm;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.OctetWriter;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Payload;

/** Extensions that both ends say they have, in IKE_SA_INIT. */
final class Capabilities {
    private static final List<HashAlgorithm> HASHES =
            List.of(HashAlgorithm.SHA2_256, HashAlgorithm.SHA2_384, HashAlgorithm.SHA2_512, HashAlgorithm.IDENTITY);

    private Capabilities() {}

    /**
     * Fragmentation (RFC 7383), hash algorithms of signatures (RFC 7427), and perhaps IKE_INTERMEDIATE (RFC 9242).
     *
     * @param intermediates whether an additional key exchange may follow, or, at the responder, will
     */
    static List<Payload> offered(PeerConfig peer, boolean intermediates) {
        List<Payload> payloads = new ArrayList<>();
        if (peer.fragmentation()) {
            payloads.add(NotifyPayload.of(NotifyType.IKEV2_FRAGMENTATION_SUPPORTED));
        }
        if (intermediates) {
            payloads.add(NotifyPayload.of(NotifyType.INTERMEDIATE_EXCHANGE_SUPPORTED));
        }
        OctetWriter hashes = new OctetWriter();
        HASHES.forEach(each -> hashes.u16(each.number()));
        payloads.add(NotifyPayload.of(NotifyType.SIGNATURE_HASH_ALGORITHMS, hashes.toOctets()));
        return payloads;
    }

    /** Post-quantum preshared keys (RFC 8784); nothing if there is none. */
    static List<Payload> ofPpk(boolean there) {
        return there ? List.of(NotifyPayload.of(NotifyType.USE_PPK)) : List.of();
    }

    static void read(IkeMessage message, IkeSa sa) {
        sa.peerFragments = message.has(NotifyType.IKEV2_FRAGMENTATION_SUPPORTED);
        sa.peerIntermediates = message.has(NotifyType.INTERMEDIATE_EXCHANGE_SUPPORTED);
        sa.peerChildless = message.has(NotifyType.CHILDLESS_IKEV2_SUPPORTED);
        sa.peerHashes = InitInitiator.numbers(message.notification(NotifyType.SIGNATURE_HASH_ALGORITHMS)
                .map(NotifyPayload::data)
                .orElse(Octets.EMPTY));
    }
}

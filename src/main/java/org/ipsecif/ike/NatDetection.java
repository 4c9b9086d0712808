package org.ipsecif.ike;

import java.nio.ByteBuffer;
import org.ipsecif.crypto.Hash;
import org.ipsecif.ike.message.IkeHeader;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyPayload;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.sa.IpAddress;

/**
 * RFC 7296 section 2.23: both ends say, in hashes, which addresses they believe to have.
 *
 * @param local there is a NAT before this end
 * @param remote there is a NAT before the peer
 */
record NatDetection(boolean local, boolean remote) {
    static final NatDetection NONE = new NatDetection(false, false);

    boolean any() {
        return local || remote;
    }

    static NotifyPayload source(IkeHeader header, Path path, boolean pretend) {
        int port = pretend ? 0 : path.localPort();
        return NotifyPayload.of(NotifyType.NAT_DETECTION_SOURCE_IP, hash(header, path.local(), port));
    }

    static NotifyPayload destination(IkeHeader header, Path path) {
        return NotifyPayload.of(
                NotifyType.NAT_DETECTION_DESTINATION_IP, hash(header, path.remote(), path.remotePort()));
    }

    /** What a message that came on this path tells. A peer that says nothing does not do NAT traversal. */
    static NatDetection of(IkeMessage message, Path path) {
        if (!message.has(NotifyType.NAT_DETECTION_SOURCE_IP) || !message.has(NotifyType.NAT_DETECTION_DESTINATION_IP)) {
            return NONE;
        }
        Octets here = hash(message.header(), path.local(), path.localPort());
        Octets there = hash(message.header(), path.remote(), path.remotePort());
        return new NatDetection(
                !has(message, NotifyType.NAT_DETECTION_DESTINATION_IP, here),
                !has(message, NotifyType.NAT_DETECTION_SOURCE_IP, there));
    }

    private static boolean has(IkeMessage message, NotifyType type, Octets hash) {
        return message.all(NotifyPayload.class).stream()
                .anyMatch(each -> each.is(type) && each.data().equals(hash));
    }

    /** {@code SHA1(SPIi | SPIr | address | port)}, no secret and no signature. */
    private static Octets hash(IkeHeader header, IpAddress address, int port) {
        byte[] spis = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(header.initiatorSpi())
                .putLong(header.responderSpi())
                .array();
        byte[] portBytes = {(byte) (port >>> 8), (byte) port};
        return Octets.of(Hash.sha1(spis, address.toBytes(), portBytes));
    }
}

package org.ipsecif.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An SA, without its keys.
 *
 * @param spi unsigned
 * @param reqid unsigned, 0 for none
 * @param interfaceName the interface that uses it, or null
 * @param direction {@code in}, {@code out}, or {@code none} while no interface uses it
 * @param mode {@code tunnel}
 * @param encryption IANA name, such as ENCR_AES_CBC, with the key's bits: {@code ENCR_AES_CBC/128}
 * @param integrity IANA name, such as AUTH_HMAC_SHA2_256_128, or NONE
 * @param replayWindow packets, 0 for off
 * @param esn whether sequence numbers are extended (RFC 4303 section 2.2.1)
 * @param sequence highest sequence number sent or authenticated
 * @param packets sent or accepted
 * @param bytes of inner packets
 * @param addedSeconds since the SA was added
 * @param lifetimes soft and hard; 0 is none
 * @param state as setkey(8) names it: {@code mature}, or {@code dying} after a soft lifetime
 * @param counters one per drop reason that has occurred
 */
public record SaStatus(
        String source,
        String destination,
        long spi,
        long reqid,
        @Nullable String interfaceName,
        String direction,
        String mode,
        String encryption,
        String integrity,
        int replayWindow,
        boolean esn,
        long sequence,
        long packets,
        long bytes,
        long addedSeconds,
        LifetimeStatus lifetimes,
        String state,
        List<Counter> counters) {
    /** Seconds, bytes of inner packets, and packets after which an SA is replaced (soft) and ends (hard); 0 is never. */
    public record LifetimeStatus(
            long softSeconds, long hardSeconds, long softBytes, long hardBytes, long softPackets, long hardPackets) {}
}

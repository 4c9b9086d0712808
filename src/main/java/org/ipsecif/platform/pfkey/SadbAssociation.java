package org.ipsecif.platform.pfkey;

import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the kernel's SAD. Its keys are overwritten by {@link #close()}, and its text has none.
 *
 * @param reqid 32 bits, unsigned; 0 for none
 * @param replayWindow packets; 0 for none
 * @param udp null if the packets are not in UDP
 * @param hard the end of its life
 * @param soft when it wants a successor
 * @param current of it so far
 */
public record SadbAssociation(
        Id id,
        IpsecMode mode,
        int reqid,
        int replayWindow,
        State state,
        Keys keys,
        @Nullable UdpPorts udp,
        Amounts hard,
        Amounts soft,
        Amounts current)
        implements AutoCloseable {
    /**
     * Which one.
     *
     * @param protocol IANA number: ESP 50, AH 51, IPComp 108
     * @param spi in host order
     */
    public record Id(int protocol, IpAddress source, IpAddress destination, int spi) {}

    /** SADB_SASTATE_*. */
    public enum State {
        /** A SPI without keys. */
        LARVAL,
        MATURE,
        /** Past its soft lifetime. */
        DYING,
        DEAD
    }

    /**
     * Algorithms with their keys.
     *
     * @param authentication SADB_AALG_*, see {@link SadbAlgorithms}; 0 for none
     * @param authenticationKey null if there is none, or the kernel does not tell
     * @param encryption SADB_EALG_*; 0 for none
     * @param encryptionKey with the salt, where the algorithm has one
     * @param flags the kernel's own
     */
    public record Keys(
            int authentication,
            @Nullable KeyBytes authenticationKey,
            int encryption,
            @Nullable KeyBytes encryptionKey,
            int flags) {}

    /** RFC 3948. */
    public record UdpPorts(int source, int destination) {}

    /**
     * Limits, of which 0 is none, or what was used.
     *
     * @param packets unsigned
     * @param bytes unsigned
     * @param addTime seconds since it was made; of what was used: when that was, in seconds since 1970
     * @param useTime likewise for the first packet
     */
    public record Amounts(int packets, long bytes, long addTime, long useTime) {
        public static final Amounts NONE = new Amounts(0, 0, 0, 0);
    }

    @Override
    public void close() {
        close(keys.authenticationKey);
        close(keys.encryptionKey);
    }

    private static void close(@Nullable KeyBytes key) {
        if (key != null) {
            key.close();
        }
    }
}

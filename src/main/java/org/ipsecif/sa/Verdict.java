package org.ipsecif.sa;

import java.util.Locale;

/**
 * What became of a packet. Packets cause no exceptions; every reason to drop one is a constant here, and its count is
 * what an operator sees. The audit events of RFC 4303 section 4 are among them.
 */
public enum Verdict {
    DELIVERED("packets accepted", false),

    // Outbound, in the order of the walk.
    OUTBOUND_NOT_IP("outbound packets that are not valid IPv4 or IPv6", true),
    OUTBOUND_NO_TUNNEL("outbound packets while no tunnel endpoints are set", true),
    OUTBOUND_LOOP("outbound packets that are this tunnel's own outer packets (routing loop)", true),
    OUTBOUND_NO_POLICY("outbound packets that no policy selects", true),
    OUTBOUND_DISCARDED("outbound packets that a policy discards", true),
    OUTBOUND_NO_SA("outbound packets without a security association", true),
    OUTBOUND_SEQUENCE_EXHAUSTED("outbound packets after the last sequence number of their SA", true),
    OUTBOUND_TOO_BIG("outbound packets too big to encapsulate", true),
    OUTBOUND_SEND_FAILED("outbound packets that the host refused to send", true),

    // Inbound, in the order of the walk.
    INBOUND_KEEPALIVE("NAT keepalives received (RFC 3948)", false),
    INBOUND_NOT_ESP("datagrams with a non-ESP marker on the ESP port (IKE)", true),
    INBOUND_TRUNCATED("inbound packets too short for ESP", true),
    INBOUND_UNKNOWN_SPI("inbound packets with an SPI of no SA", true),
    INBOUND_NO_INTERFACE("inbound packets for an SA that no interface uses", true),
    INBOUND_ENCAPSULATION_MISMATCH("inbound packets with or without UDP where the interface wants the other", true),
    INBOUND_REPLAYED("inbound packets seen before or older than the replay window", true),
    INBOUND_BAD_ICV("inbound packets with a wrong ICV (damaged or forged)", true),
    INBOUND_BAD_PADDING("inbound packets with malformed ESP padding", true),
    INBOUND_DUMMY("inbound dummy packets (RFC 4303 2.6)", false),
    INBOUND_BAD_NEXT_HEADER("inbound packets whose next header is no tunnel's", true),
    INBOUND_NOT_IP("inbound packets whose inside is not valid IPv4 or IPv6", true),
    INBOUND_POLICY_MISMATCH("inbound packets that the SA's policy does not select", true),
    INBOUND_REFUSED("inbound packets that the host did not take (interface down)", true),

    INTERNAL_ERROR("packets dropped by a fault in the program", true);

    private final String description;
    private final boolean drop;

    Verdict(String description, boolean drop) {
        this.description = description;
        this.drop = drop;
    }

    /** For people, after a number. */
    public String description() {
        return description;
    }

    /** Whether the packet was lost for a reason worth an operator's attention. */
    public boolean isDrop() {
        return drop;
    }

    /** For programs: {@code inbound_replayed}. */
    public String counterName() {
        return name().toLowerCase(Locale.ROOT);
    }
}

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
    OUTBOUND_NOT_TRANSPORT(
            "outbound packets that transport mode cannot carry (fragments, IP options, others' addresses)", true),
    OUTBOUND_NO_SA("outbound packets without a security association", true),
    OUTBOUND_SELECTOR_MISMATCH("outbound packets that the traffic selectors of no SA take", true),
    OUTBOUND_SA_EXPIRED("outbound packets after the hard lifetime of their SA", true),
    OUTBOUND_SEQUENCE_EXHAUSTED("outbound packets after the last sequence number of their SA", true),
    OUTBOUND_TOO_BIG("outbound packets too big for the path, answered with ICMP (too big)", true),
    OUTBOUND_TOO_BIG_SILENT(
            "outbound packets too big for the path, not answered (rate limit, or nobody to answer)", true),
    OUTBOUND_SEND_FAILED("outbound packets that the host refused to send", true),

    // Inbound, in the order of the walk.
    INBOUND_KEEPALIVE("NAT keepalives received (RFC 3948)", false),
    INBOUND_NOT_ESP("datagrams with a non-ESP marker on the ESP port (IKE)", true),
    INBOUND_SA_EXPIRED("inbound packets after the hard lifetime of their SA", true),
    INBOUND_TRUNCATED("inbound packets too short for ESP", true),
    INBOUND_UNKNOWN_SPI("inbound packets with an SPI of no SA", true),
    INBOUND_NO_INTERFACE("inbound packets for an SA that no interface uses", true),
    INBOUND_ENCAPSULATION_MISMATCH("inbound packets with or without UDP where the interface wants the other", true),
    INBOUND_REPLAYED("inbound packets seen before or older than the replay window", true),
    INBOUND_BAD_ICV("inbound packets with a wrong ICV (damaged or forged)", true),
    INBOUND_BAD_PADDING("inbound packets with malformed ESP padding", true),
    INBOUND_DUMMY("inbound dummy packets (RFC 4303 2.6)", false),
    INBOUND_BAD_NEXT_HEADER("inbound packets whose next header is not of the SA's mode", true),
    INBOUND_NOT_IP("inbound packets whose inside is not valid IPv4 or IPv6", true),
    INBOUND_POLICY_MISMATCH("inbound packets that the SA's policy does not select", true),
    INBOUND_SELECTOR_MISMATCH("inbound packets that the SA's traffic selectors do not take", true),
    INBOUND_CONGESTION("inbound packets that met congestion and do not take part in ECN (RFC 6040 4.2)", true),
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

    /**
     * The auditable event that the packet is, in the words of RFC 4301 and RFC 4303 section 4, with the section; empty if it is none.
     */
    public String auditEvent() {
        return switch (this) {
            case OUTBOUND_NO_POLICY, OUTBOUND_DISCARDED -> "outbound packet discarded by the SPD (RFC 4301 5.1)";
            case OUTBOUND_SEQUENCE_EXHAUSTED -> "sequence number overflow (RFC 4303 3.3.3)";
            case INBOUND_UNKNOWN_SPI, INBOUND_NO_INTERFACE, INBOUND_SA_EXPIRED -> "no valid SA (RFC 4303 3.4.2)";
            case INBOUND_REPLAYED -> "anti-replay check failed (RFC 4303 3.4.3)";
            case INBOUND_BAD_ICV -> "integrity check failed (RFC 4303 3.4.4)";
            case INBOUND_POLICY_MISMATCH, INBOUND_SELECTOR_MISMATCH -> "selector mismatch (RFC 4301 5.2)";
            default -> "";
        };
    }

    /** For programs: {@code inbound_replayed}. */
    public String counterName() {
        return name().toLowerCase(Locale.ROOT);
    }
}

package org.ipsecif.platform;

/** Reads copies of ICMP destination unreachable, or ICMPv6 packet too big, messages that the host received. */
public interface IcmpReceiver extends PacketChannel {
    /**
     * Reads one message.
     *
     * @param buffer gets it from the ICMP header on, without an IP header
     * @return its length in bytes, {@link #NOTHING} or {@link #GONE}
     */
    int receive(byte[] buffer);
}

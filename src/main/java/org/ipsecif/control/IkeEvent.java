package org.ipsecif.control;

/**
 * What IKE did, or a message of its.
 *
 * @param number counts the daemon's events of its kind from 1
 * @param time of the day, as RFC 3339 in UTC
 * @param kind {@code info} or {@code warning}; of messages {@code sent} or {@code received}
 * @param peer the interface, or an address while nobody knows whose it is
 * @param text a line; of a message, several
 */
public record IkeEvent(long number, String time, String kind, String peer, String text) {
    public static final String INFO = "info";
    public static final String WARNING = "warning";
    public static final String SENT = "sent";
    public static final String RECEIVED = "received";
}

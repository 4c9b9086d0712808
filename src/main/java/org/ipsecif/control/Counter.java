package org.ipsecif.control;

/**
 * One counter by name.
 *
 * @param name machine-readable, such as {@code replayed}
 * @param description words for people, such as {@code packets dropped: sequence number seen before}
 */
public record Counter(String name, String description, long value) {}

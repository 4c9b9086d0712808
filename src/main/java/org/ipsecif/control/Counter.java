package org.ipsecif.control;

/**
 * One counter by name.
 *
 * @param name machine-readable, such as {@code inbound_replayed}
 * @param description words for people, such as {@code packets dropped: sequence number seen before}
 * @param audit the auditable event of RFC 4301 and RFC 4303 that it counts, or empty
 */
public record Counter(String name, String description, String audit, long value) {
    /** One that counts no auditable event. */
    public Counter(String name, String description, long value) {
        this(name, description, "", value);
    }
}

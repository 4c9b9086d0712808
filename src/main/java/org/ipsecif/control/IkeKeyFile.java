package org.ipsecif.control;

/**
 * What was written to a file of keys.
 *
 * @param written SAs
 * @param unknown SAs that were left out, for Wireshark has no name for their algorithms
 */
public record IkeKeyFile(int written, int unknown) {}

package org.ipsecif.sa;

/** setkey(8): {@code use} lets a packet through without an SA, {@code unique} wants the SA with the reqid. */
public enum Level {
    USE,
    REQUIRE,
    UNIQUE
}

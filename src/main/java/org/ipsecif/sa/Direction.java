package org.ipsecif.sa;

/** Which packets a policy speaks of. FORWARD exists only in Linux's SPD: decapsulated packets for other hosts. */
public enum Direction {
    INBOUND("in"),
    OUTBOUND("out"),
    FORWARD("fwd");

    private final String word;

    Direction(String word) {
        this.word = word;
    }

    /** As setkey(8) and ip-xfrm(8) write it. */
    public String word() {
        return word;
    }
}

package org.ipsecif.sa;

/** The address families an interface carries and a tunnel runs over. */
public enum Family {
    INET("inet", 4),
    INET6("inet6", 16);

    private final String word;
    private final int addressLength;

    Family(String word, int addressLength) {
        this.word = word;
        this.addressLength = addressLength;
    }

    /** The word ifconfig(8) uses: {@code inet} or {@code inet6}. */
    public String word() {
        return word;
    }

    /** Bytes in an address: 4 or 16. */
    public int addressLength() {
        return addressLength;
    }

    /** Bits in an address: 32 or 128. */
    public int addressBits() {
        return 8 * addressLength;
    }
}

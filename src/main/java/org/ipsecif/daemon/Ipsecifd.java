package org.ipsecif.daemon;

/** The daemon's entry. */
public final class Ipsecifd {
    private Ipsecifd() {}

    public static void main(String[] args) {
        System.exit(2);
    }
}

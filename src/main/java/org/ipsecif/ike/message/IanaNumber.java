package org.ipsecif.ike.message;

/** An entry of one of IANA's "Internet Key Exchange Version 2 (IKEv2) Parameters" registries. */
public interface IanaNumber {
    int number();

    /** The name as traces print it: IANA's, without what all names of the registry have in common. */
    String text();
}

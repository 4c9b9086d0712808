package org.ipsecif.sa;

/** Which traffic the kernel's copy of a policy applies to at all. */
public sealed interface PolicyScope {
    /** Only packets of the Linux xfrm interface with this id: inert on a host that has no such interface. */
    record IfId(int ifId) implements PolicyScope {}

    /** Only packets with this fwmark under this mask, as Linux vti. */
    record Mark(int value, int mask) implements PolicyScope {}

    /** Only packets leaving by this device. */
    record Device(String name) implements PolicyScope {}

    /** The whole host. */
    record Host() implements PolicyScope {}
}

package org.ipsecif.sa;

/** Which traffic the kernel's copy of a policy applies to at all. */
public sealed interface PolicyScope {
    /** As ip-xfrm(8) prints it: {@code if_id 0x64}, {@code mark 0xf/0xffffffff}, {@code dev ipsec0}, or {@code host}. */
    String words();

    /** Only packets of the Linux xfrm interface with this id: inert on a host that has no such interface. */
    record IfId(int ifId) implements PolicyScope {
        @Override
        public String words() {
            return "if_id 0x" + Integer.toHexString(ifId);
        }
    }

    /** Only packets with this fwmark under this mask, as Linux vti. */
    record Mark(int value, int mask) implements PolicyScope {
        @Override
        public String words() {
            return "mark 0x" + Integer.toHexString(value) + "/0x" + Integer.toHexString(mask);
        }
    }

    /** Only packets leaving by this device. */
    record Device(String name) implements PolicyScope {
        @Override
        public String words() {
            return "dev " + name;
        }
    }

    /** The whole host. */
    record Host() implements PolicyScope {
        @Override
        public String words() {
            return "host";
        }
    }
}

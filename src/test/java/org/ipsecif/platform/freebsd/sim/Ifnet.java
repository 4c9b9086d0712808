package org.ipsecif.platform.freebsd.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** struct ifnet. */
abstract class Ifnet {
    static final int NAME_SIZE = 16;
    static final int IFF_UP = 0x1;
    static final int IFF_BROADCAST = 0x2;
    static final int IFF_LOOPBACK = 0x8;
    static final int IFF_POINTOPOINT = 0x10;
    static final int IFF_DRV_RUNNING = 0x40;
    static final int IFF_SIMPLEX = 0x800;
    static final int IFF_MULTICAST = 0x8000;

    /** net/if.h: what SIOCSIFFLAGS leaves as it is. */
    static final int IFF_CANTCHANGE = IFF_BROADCAST
            | IFF_POINTOPOINT
            | IFF_DRV_RUNNING
            | IFF_SIMPLEX
            | IFF_MULTICAST
            | 0x400
            | 0x200
            | 0x100
            | 0x200000;

    static final int LINK_STATE_UNKNOWN = 0;
    static final int LINK_STATE_DOWN = 1;
    static final int LINK_STATE_UP = 2;

    /**
     * struct ifaddr.
     *
     * @param destination null if there is none
     * @param prefixLength of the mask
     */
    record Ifaddr(Address local, int prefixLength, @Nullable Address destination) {}

    final SimulatedFreeBsd host;

    /** The driver's, which is also that of its cloner with a number behind. */
    final String driverName;

    final int index;
    final int type;
    final Set<String> groups = new LinkedHashSet<>(List.of("all"));
    final List<Ifaddr> addresses = new ArrayList<>();
    final List<BpfDevice> listeners = new ArrayList<>();
    final Deque<byte[]> queue = new ArrayDeque<>();
    String name;
    int flags;
    int linkState = LINK_STATE_UNKNOWN;
    int mtu = 1500;
    int fib;
    long outputErrors;
    long queueDrops;

    @Nullable
    String description;

    Ifnet(SimulatedFreeBsd host, String driverName, int index, int type) {
        this.host = host;
        this.driverName = driverName;
        this.index = index;
        this.type = type;
        name = driverName;
    }

    final String name() {
        return name;
    }

    final int index() {
        return index;
    }

    final boolean is(int flag) {
        return (flags & flag) != 0;
    }

    /** DLT_* of net/dlt.h. */
    abstract int linkType();

    /** Bytes that BPF sees before a packet. */
    abstract byte[] linkHeader(byte[] packet);

    /**
     * if_output: takes an IP packet on its way out.
     *
     * @param next whom it goes to
     * @return 0 or an errno
     */
    abstract int output(byte[] packet, Address next);

    /** The driver's SIOCSIFADDR. */
    void addressSet() {}

    final @Nullable Ifaddr find(Address address) {
        return addresses.stream()
                .filter(each -> each.local().equals(address))
                .findFirst()
                .orElse(null);
    }

    /** BPF_MTAP. */
    final void tap(byte[] packet, boolean inbound) {
        if (!listeners.isEmpty()) {
            byte[] frame = Words.join(linkHeader(packet), packet);
            List.copyOf(listeners).forEach(each -> each.capture(frame, inbound));
        }
    }

    /** The family that BPF and tun(4) put before a packet. */
    static int familyOf(byte[] packet) {
        return packet.length > 0 && Words.u8(packet, 0) >> 4 == 6 ? Address.AF_INET6 : Address.AF_INET;
    }

    /** struct sockaddr_dl (net/if_dl.h), as long as if_attach makes it: rounded up to longs. */
    byte[] linkAddress() {
        byte[] address = new byte[56];
        byte[] text = name.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Words.put8(address, 0, address.length);
        Words.put8(address, 1, Address.AF_LINK);
        Words.put16(address, 2, index);
        Words.put8(address, 4, type);
        Words.put8(address, 5, text.length);
        Words.copy(text, address, 8);
        byte[] hardware = hardwareAddress();
        Words.put8(address, 6, hardware.length);
        Words.copy(hardware, address, 8 + text.length);
        return address;
    }

    byte[] hardwareAddress() {
        return new byte[0];
    }
}

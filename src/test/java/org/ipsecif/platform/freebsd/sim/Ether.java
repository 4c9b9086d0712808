package org.ipsecif.platform.freebsd.sim;

/** An Ethernet interface. */
final class Ether extends Ifnet {
    private static final int IFT_ETHER = 6;
    private static final int DLT_EN10MB = 1;

    private final Network network;

    Ether(SimulatedFreeBsd host, String name, int index, Network network) {
        super(host, name, index, IFT_ETHER);
        this.network = network;
        flags = IFF_UP | IFF_BROADCAST | IFF_SIMPLEX | IFF_MULTICAST | IFF_DRV_RUNNING;
        linkState = LINK_STATE_UP;
        network.plug(this);
    }

    @Override
    int linkType() {
        return DLT_EN10MB;
    }

    @Override
    byte[] linkHeader(byte[] packet) {
        byte[] header = new byte[14];
        Words.copy(hardwareAddress(), header, 6);
        return Words.putNet16(header, 12, familyOf(packet) == Address.AF_INET ? 0x0800 : 0x86dd);
    }

    @Override
    byte[] hardwareAddress() {
        return new byte[] {2, 0, 0, 0, 0, (byte) index};
    }

    /** ether_output */
    @Override
    int output(byte[] packet, Address next) {
        if (!is(IFF_UP)) {
            return KernelError.ENETDOWN;
        }
        tap(packet, false);
        network.carry(this, packet, next);
        return 0;
    }

    void input(byte[] packet) {
        tap(packet, true);
        host.stack().input(this, packet, familyOf(packet));
    }

    /** lo0 */
    static final class Loopback extends Ifnet {
        Loopback(SimulatedFreeBsd host, int index) {
            super(host, "lo0", index, 24);
            flags = IFF_UP | IFF_LOOPBACK | IFF_MULTICAST | IFF_DRV_RUNNING;
            linkState = LINK_STATE_UP;
            mtu = 16_384;
        }

        @Override
        int linkType() {
            return Tun.DLT_NULL;
        }

        @Override
        byte[] linkHeader(byte[] packet) {
            return Words.put32(new byte[4], 0, familyOf(packet));
        }

        @Override
        int output(byte[] packet, Address next) {
            tap(packet, false);
            host.stack().input(this, packet, familyOf(packet));
            return 0;
        }
    }

    /** An interface of another driver, which carries nothing: if_ipsec(4) with group "ipsec", gif(4), whatever. */
    static final class Inert extends Ifnet {
        Inert(SimulatedFreeBsd host, String name, String group, int index) {
            super(host, name, index, 131);
            flags = IFF_POINTOPOINT | IFF_MULTICAST;
            groups.add(group);
        }

        @Override
        int linkType() {
            return Tun.DLT_NULL;
        }

        @Override
        byte[] linkHeader(byte[] packet) {
            return new byte[4];
        }

        @Override
        int output(byte[] packet, Address next) {
            return KernelError.ENETDOWN;
        }
    }
}

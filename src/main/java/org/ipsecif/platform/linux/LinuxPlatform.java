package org.ipsecif.platform.linux;

import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.IcmpReceiver;
import org.ipsecif.platform.KernelMonitor;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.platform.LinkMonitor;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.platform.Platform;
import org.ipsecif.platform.PolicyInstaller;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/** Linux, in the network namespace of the process. */
public final class LinuxPlatform implements Platform {
    private static final int IFNAMSIZ = 16;

    /** Bytes: a few thousand events. */
    private static final int EVENT_BUFFER = 4 << 20;

    private final OffloadSettings offloads;
    private final TunOpener tunOpener = new TunOpener();

    public LinuxPlatform(OffloadSettings offloads) {
        this.offloads = offloads;
    }

    @Override
    public String system() {
        return "linux";
    }

    @Override
    public int maxInterfaceNameLength() {
        return IFNAMSIZ - 1;
    }

    @Override
    public TunDevice createTun(String name) throws ErrnoException {
        return LinuxTun.create(tunOpener, name, offloads.tun(), offloads.priority());
    }

    @Override
    public TunDevice adoptTun(String name) throws ErrnoException {
        return LinuxTun.adopt(tunOpener, name, offloads.tun(), offloads.priority());
    }

    @Override
    public EspTransport openTransport(IpAddress local, Encapsulation encapsulation) throws ErrnoException {
        return new SocketEspTransport(local, encapsulation, offloads);
    }

    @Override
    public EspTransport openUdp(IpAddress local, int port) throws ErrnoException {
        return new SocketEspTransport(local, Encapsulation.UDP, port, OffloadSettings.NONE);
    }

    @Override
    public PacketSender openPacketSender() throws ErrnoException {
        return new RawPacketSender();
    }

    @Override
    public IcmpReceiver openIcmpReceiver(Family family) throws ErrnoException {
        return new RawIcmpReceiver(family);
    }

    @Override
    public LinkConfigurer openLinkConfigurer() throws ErrnoException {
        return new RtnetlinkLinkConfigurer();
    }

    @Override
    public LinkMonitor openLinkMonitor() throws ErrnoException {
        return new RtnetlinkMonitor();
    }

    @Override
    public PolicyInstaller openPolicyInstaller() throws ErrnoException {
        return new XfrmPolicyInstaller();
    }

    @Override
    public KernelMonitor openKernelMonitor() throws ErrnoException {
        return new XfrmMonitor(EVENT_BUFFER);
    }

    @Override
    public @Nullable Long residentBytes() {
        return ProcessStatus.residentBytes();
    }
}

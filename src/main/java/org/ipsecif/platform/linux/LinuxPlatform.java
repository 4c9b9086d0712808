package org.ipsecif.platform.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.IcmpReceiver;
import org.ipsecif.platform.KernelCopies;
import org.ipsecif.platform.KernelMonitor;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.platform.LinkMonitor;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.platform.Platform;
import org.ipsecif.platform.PolicyInstaller;
import org.ipsecif.platform.ReqidRange;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/** Linux, in the network namespace of the process. */
public final class LinuxPlatform implements Platform {
    private static final int IFNAMSIZ = 16;

    /** random(4): another UUID after each boot. */
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /** Bytes: a few thousand events. */
    private static final int EVENT_BUFFER = 4 << 20;

    private final OffloadSettings offloads;
    private final LinuxSpd spd;
    private final TunOpener tunOpener = new TunOpener();

    /** With XFRM. */
    public LinuxPlatform(OffloadSettings offloads) {
        this(offloads, LinuxSpd.XFRM);
    }

    /** @param spd the way to the kernel's */
    public LinuxPlatform(OffloadSettings offloads, LinuxSpd spd) {
        this.offloads = offloads;
        this.spd = spd;
    }

    @Override
    public String system() {
        return "linux";
    }

    @Override
    public Fibs fibs() {
        return new Fibs(1, 0, "Linux knows no fibs; it has VRFs, see ip-vrf(8)");
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
    public @Nullable PolicyInstaller openPolicyInstaller() throws ErrnoException {
        return spd.openInstaller();
    }

    @Override
    public @Nullable KernelMonitor openKernelMonitor() throws ErrnoException {
        return spd.openMonitor(EVENT_BUFFER);
    }

    @Override
    public String spdRequirement() {
        return spd.requirement();
    }

    @Override
    public KernelCopies kernelCopies() {
        return spd.kernelCopies();
    }

    @Override
    public ReqidRange reqids() {
        return spd.reqids();
    }

    @Override
    public String bootIdentity() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public @Nullable String kernelIpsec(String name) {
        return null; // xfrm and vti interfaces have no name of their own
    }

    @Override
    public @Nullable Long residentBytes() {
        return ProcessStatus.residentBytes();
    }
}

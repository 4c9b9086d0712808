package org.ipsecif.tunnel;

import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.platform.linux.LinuxPlatform;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.IcmpTooBig;
import org.ipsecif.wire.IpProtocol;

/**
 * Says that an ESP packet was too big, as a router would: {@code IcmpForger ROUTER SOURCE DESTINATION SPI SEQUENCE MTU}. For scripts.
 */
final class IcmpForger {
    private IcmpForger() {}

    public static void main(String[] args) throws Exception {
        IpAddress router = IpAddress.parse(args[0]);
        IpAddress source = IpAddress.parse(args[1]);
        IpAddress destination = IpAddress.parse(args[2]);
        boolean inet = source.family() == Family.INET;
        int header = inet ? 20 : 40;
        byte[] packet = new byte[header + 8];
        packet[0] = (byte) (inet ? 0x45 : 0x60);
        if (inet) {
            Bytes.put16(packet, 2, 1_500);
            packet[8] = 64;
        } else {
            Bytes.put16(packet, 4, 1_460);
        }
        packet[inet ? 9 : 6] = IpProtocol.ESP;
        System.arraycopy(source.toBytes(), 0, packet, inet ? 12 : 8, source.toBytes().length);
        System.arraycopy(destination.toBytes(), 0, packet, inet ? 16 : 24, source.toBytes().length);
        Bytes.put32(packet, header, (int) (long) Long.decode(args[3]));
        Bytes.put32(packet, header + 4, Integer.parseInt(args[4]));
        byte[] message = new byte[IcmpTooBig.MAX_LENGTH];
        int length = IcmpTooBig.write(router.toBytes(), packet, 0, packet.length, Integer.parseInt(args[5]), message);
        try (PacketSender sender = new LinuxPlatform(OffloadSettings.ALL).openPacketSender()) {
            int errno = sender.send(source.family(), message, length);
            if (errno != 0) {
                throw new IllegalStateException("errno " + errno);
            }
        }
    }
}

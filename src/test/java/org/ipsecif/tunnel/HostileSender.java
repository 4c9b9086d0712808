package org.ipsecif.tunnel;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.esp.EspEncapsulator;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.linux.LinuxPlatform;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.OuterHeader;

/**
 * A peer that knows the keys and sends packets that are wrong in one way each; for src/test/netns/hostile.sh.
 *
 * <p>Arguments: VICTIM {@code no|udp} OWN-ADDRESS SPI INNER-SOURCE INNER-DESTINATION KIND...
 */
public final class HostileSender {
    private static final OuterHeader HEADER = header();
    private static final byte[] KEY = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
    private static final byte[] AUTH_KEY =
            HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

    private final EspTransport transport;
    private final IpAddress victim;
    private final IpAddress self;
    private final int spi;
    private final IpAddress innerSource;
    private final IpAddress innerDestination;

    private HostileSender(EspTransport transport, String[] args) {
        this.transport = transport;
        victim = IpAddress.parse(args[0]);
        self = IpAddress.parse(args[2]);
        spi = Integer.decode(args[3]);
        innerSource = IpAddress.parse(args[4]);
        innerDestination = IpAddress.parse(args[5]);
    }

    public static void main(String[] args) throws Exception {
        Encapsulation encapsulation = args[1].equals("udp") ? Encapsulation.UDP : Encapsulation.NO;
        try (EspTransport transport =
                new LinuxPlatform(OffloadSettings.ALL).openTransport(IpAddress.parse(args[2]), encapsulation)) {
            HostileSender sender = new HostileSender(transport, args);
            for (String kind : Arrays.copyOfRange(args, 6, args.length)) {
                sender.send(kind);
            }
        }
    }

    private void send(String kind) {
        switch (kind.replaceFirst(":.*", "")) {
            case "good" -> emit(packet(1, spi, innerSource, 0));
            case "damaged" -> {
                byte[] packet = packet(10, spi, innerSource, 0);
                packet[packet.length / 2] ^= 1;
                emit(packet);
            }
            case "truncated" -> emit(Arrays.copyOf(packet(11, spi, innerSource, 0), 30));
            case "replayed" -> {
                byte[] packet = packet(12, spi, innerSource, 0);
                emit(packet);
                emit(packet);
            }
            case "selector" -> emit(packet(13, spi, IpAddress.parse("192.0.2.77"), 0));
            case "padding" -> emit(packet(14, spi, innerSource, 1));
            case "spi" -> emit(packet(15, 0x7777_7777, innerSource, 0));
            case "later" -> emit(packet(1_000, spi, innerSource, 0));
            case "keepalive" -> emit(new byte[] {(byte) 0xff});
            case "ike" -> emit(new byte[32]);
            case "random" -> random(Integer.parseInt(kind.substring(kind.indexOf(':') + 1)));
            default -> throw new IllegalArgumentException(kind);
        }
    }

    /** Random datagrams; half of them have the SA's SPI and a number near the window, to get further. */
    private void random(int count) {
        Random random = new Random(spi);
        for (int i = 0; i < count; i++) {
            byte[] datagram = new byte[random.nextInt(1400) + 1];
            random.nextBytes(datagram);
            if (i % 2 == 0 && datagram.length >= 8) {
                Bytes.put32(datagram, 0, spi);
                Bytes.put32(datagram, 4, random.nextInt(2_000));
            }
            emit(datagram);
        }
    }

    private static OuterHeader header() {
        OuterHeader header = new OuterHeader();
        header.set(0, 64, 0, false);
        return header;
    }

    private void emit(byte[] packet) {
        int errno = transport.send(packet, 0, packet.length, new UdpEndpoint(victim, EspTransport.UDP_PORT), HEADER);
        for (int attempt = 0; errno != 0 && attempt < 1_000; attempt++) { // the send buffer is full
            Thread.onSpinWait();
            errno = transport.send(packet, 0, packet.length, new UdpEndpoint(victim, EspTransport.UDP_PORT), HEADER);
        }
    }

    /** @param damage added to the first padding byte, before authentication */
    private byte[] packet(int sequence, int packetSpi, IpAddress source, int damage) {
        SecurityAssociation sa = new SecurityAssociation(
                new SaParameters(
                        self,
                        victim,
                        packetSpi,
                        0,
                        EncryptionAlgorithm.ENCR_AES_CBC,
                        KeyMaterial.copyOf(KEY),
                        IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128,
                        KeyMaterial.copyOf(AUTH_KEY),
                        0,
                        false),
                0);
        byte[] inner = inner(source);
        byte[] buffer = new byte[EspEncapsulator.HEADROOM + inner.length + EspEncapsulator.TAILROOM];
        System.arraycopy(inner, 0, buffer, EspEncapsulator.HEADROOM, inner.length);
        int length;
        if (damage == 0) {
            length = EspEncapsulator.encapsulate(sa, sequence, buffer, EspEncapsulator.HEADROOM, inner.length, 4);
        } else {
            length = sealWithBadPadding(sa, sequence, buffer, inner.length, damage);
        }
        int offset = EspEncapsulator.espOffset(sa, EspEncapsulator.HEADROOM);
        return Arrays.copyOfRange(buffer, offset, offset + length);
    }

    private int sealWithBadPadding(SecurityAssociation sa, int sequence, byte[] buffer, int innerLength, int damage) {
        int offset = EspEncapsulator.espOffset(sa, EspEncapsulator.HEADROOM);
        int textLength = (innerLength + 2 + 15) / 16 * 16;
        int padLength = textLength - 2 - innerLength;
        Bytes.put32(buffer, offset, sa.parameters().spi());
        Bytes.put32(buffer, offset + 4, sequence);
        for (int i = 0; i < padLength; i++) {
            buffer[EspEncapsulator.HEADROOM + innerLength + i] = (byte) (i + 1 + damage);
        }
        buffer[EspEncapsulator.HEADROOM + textLength - 2] = (byte) padLength;
        buffer[EspEncapsulator.HEADROOM + textLength - 1] = 4;
        sa.aead().seal(buffer, offset, textLength, sequence);
        return EspEncapsulator.espLength(sa, innerLength);
    }

    /** A UDP datagram of 32 bytes, to a port where nobody answers into the tunnel. */
    private byte[] inner(IpAddress source) {
        byte[] packet = new byte[32];
        packet[0] = 0x45;
        Bytes.put16(packet, 2, packet.length);
        packet[8] = 64;
        packet[9] = 17;
        System.arraycopy(source.toBytes(), 0, packet, 12, 4);
        System.arraycopy(innerDestination.toBytes(), 0, packet, 16, 4);
        Bytes.put16(packet, 10, ~sum(packet) & 0xffff);
        Bytes.put16(packet, 20, 9);
        Bytes.put16(packet, 22, 9);
        Bytes.put16(packet, 24, 12);
        return packet;
    }

    private static int sum(byte[] header) {
        int sum = 0;
        for (int i = 0; i < 20; i += 2) {
            sum += Bytes.u16(header, i);
        }
        return (sum & 0xffff) + (sum >>> 16);
    }
}

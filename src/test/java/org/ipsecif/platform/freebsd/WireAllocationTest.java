package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jnr.ffi.Pointer;
import org.ipsecif.bare.Allocation;
import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.OuterHeader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sending and receiving allocate nothing, over a kernel that has but one answer for each call. */
class WireAllocationTest {
    private static final int ROUNDS = 64;

    private static final int MMSGHDR = 56;

    /** What was asked for more than once a receive has been given once, and then there is nothing. */
    private static final class Kernel extends NoLibC {
        /** As a raw socket of IPv4 gives it, with its header: 192.0.2.1 from 198.51.100.2, 100 bytes. */
        private static final byte[] DATAGRAM =
                WirePackets.inet("c6336402", "c0000201", 50, 1, 0x4000, "", new byte[80]);

        /** IPV6_PKTINFO: to 2001:db8::1, at interface 2. */
        private static final byte[] CONTROL = WireLibC.bytes(
                "24000000 29000000 2e000000 00000000 20010db8000000000000000000000001 02000000 00000000");

        private final boolean ipsec;
        private final byte[] record;
        private int next = 3;
        private boolean given;
        private boolean filled;

        Kernel(boolean ipsec, byte[] record) {
            this.ipsec = ipsec;
            this.record = record;
        }

        private boolean give() {
            given = !given;
            return given;
        }

        @Override
        public int open(String path, int flags) {
            return next++;
        }

        @Override
        public int socket(int domain, int type, int protocol) {
            return next++;
        }

        @Override
        public int close(int fd) {
            return 0;
        }

        @Override
        public int bind(int fd, Pointer address, int length) {
            return 0;
        }

        @Override
        public int setsockopt(int fd, int level, int option, Pointer value, int length) {
            return !ipsec && (option == 21 || option == 28) ? fail(42) : 0;
        }

        @Override
        public int ioctl(int fd, long request, Pointer argument) {
            if (request == 0x40044266L) { // BIOCGBLEN
                argument.putInt(0, 0x80000);
            } else if (request == 0x4004426aL) { // BIOCGDLT
                argument.putInt(0, 1);
            } else if (request == 0xc0206911L) { // SIOCGIFFLAGS
                argument.putShort(16, (short) 0x8843);
            }
            return 0;
        }

        @Override
        public Pointer if_indextoname(int index, Pointer name) {
            name.put(0, new byte[] {'e', 'm', '0', 0}, 0, 4);
            return name;
        }

        @Override
        public long sendmsg(int fd, Pointer message, int flags) {
            return 1;
        }

        @Override
        public int sendmmsg(int fd, Pointer messages, int count, int flags) {
            return count;
        }

        @Override
        public int recvmmsg(int fd, Pointer messages, int count, int flags, long timeout) {
            if (!give()) {
                return fail(35);
            }
            if (!filled) { // to copy them would allocate
                filled = true;
                fill(messages, count);
            }
            for (int i = 0; i < count; i++) {
                messages.putInt(MMSGHDR * i + 40, CONTROL.length);
                messages.putLong(MMSGHDR * i + 48, DATAGRAM.length);
            }
            return count;
        }

        private static void fill(Pointer messages, int count) {
            for (int i = 0; i < count; i++) {
                long part = messages.getLong(MMSGHDR * i + 16);
                put(Pointer.wrap(RUNTIME, part).getLong(0), DATAGRAM);
                put(messages.getLong(MMSGHDR * i + 32), CONTROL);
            }
        }

        private static void put(long address, byte[] what) {
            Pointer.wrap(RUNTIME, address).put(0, what, 0, what.length);
        }

        @Override
        public long read(int fd, Pointer buffer, long length) {
            if (!give()) {
                return fail(35);
            }
            if (!filled) { // to copy it would allocate
                filled = true;
                buffer.put(0, record, 0, record.length);
            }
            return record.length;
        }
    }

    private static byte[] batch(IpAddress local) {
        boolean inet = local.family() == Family.INET;
        byte[] packet = inet
                ? WirePackets.inet("c6336402", "c0000201", 50, 1, 0x4000, "", new byte[1_400])
                : WirePackets.inet6(
                        "20010db8000000000000000000000002", "20010db8000000000000000000000001", 50, new byte[1_400]);
        byte[] one = WirePackets.record(WirePackets.ethernet(inet ? 0x0800 : 0x86dd, packet));
        byte[] all = new byte[0];
        for (int i = 0; i < 100; i++) {
            all = WirePackets.join(all, one);
        }
        return all;
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, UDP, true",
        "192.0.2.1, NO, true",
        "192.0.2.1, NO, false",
        "2001:db8::1, UDP, true",
        "2001:db8::1, NO, true",
        "2001:db8::1, NO, false",
    })
    void nothing(String address, Encapsulation encapsulation, boolean ipsec) throws Exception {
        IpAddress local = IpAddress.parse(address);
        WireLinks links = new WireLinks();
        links.set(2, address);
        Posix posix = new Posix(new Kernel(ipsec, batch(local)), (fd, other) -> new WireLibC.Waiting(fd, other));
        try (EspTransport transport =
                new TransportOpener(posix, OffloadSettings.ALL, () -> links).openTransport(local, encapsulation)) {
            UdpEndpoint peer = new UdpEndpoint(
                    IpAddress.parse(local.family() == Family.INET ? "198.51.100.2" : "2001:db8::2"), 4500);
            DatagramRun run = new DatagramRun(transport.newBuffer(DatagramRun.BUFFER));
            PacketBuffer into = transport.newBuffer(transport.receiveSize());
            Datagrams datagrams = new Datagrams(transport.receiveCount());
            byte[] packet = new byte[1_400];
            packet[3] = 1;
            OuterHeader outer = new OuterHeader();
            long[] came = {0};
            long bytes = Allocation.least(0, () -> {
                for (int i = 0; i < ROUNDS; i++) {
                    outer.set(0, 64, 0, i % 2 == 0);
                    for (int j = 0; j < 1 + i % 20; j++) {
                        run.add(packet, 0, packet.length);
                    }
                    assertEquals(0, transport.send(run, peer, outer));
                    int received = transport.receive(into, datagrams);
                    for (int j = 0; j < received; j++) {
                        transport.isFrom(j, peer);
                        came[0] += datagrams.length(j);
                    }
                }
            });
            assertEquals(0, bytes);
            assertTrue(came[0] > 0, "nothing was received");
            assertTrue(datagrams.capacity() > 1);
        }
    }
}

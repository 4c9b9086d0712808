package org.ipsecif.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.KernelEvent;
import org.ipsecif.platform.KernelEvent.Change;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.TransformTemplate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages of the XFRM multicast groups, field by field as linux/xfrm.h lays them out on x86-64. */
class XfrmEventBytesTest {
    private static final int PORT = 0x1234;
    private static final XfrmEventReader READER = new XfrmEventReader(new XfrmPolicyReader(index -> null));

    private static final SecurityPolicy POLICY = new SecurityPolicy(
            "kernel",
            Direction.OUTBOUND,
            Selector.between(IpPrefix.parse("10.1.0.0/16"), IpPrefix.parse("10.2.0.0/15")),
            PolicyAction.PROTECT,
            List.of(new TransformTemplate(
                    IpsecMode.TUNNEL,
                    IpAddress.parse("203.0.113.1"),
                    IpAddress.parse("198.51.100.2"),
                    Level.UNIQUE,
                    100)),
            1000,
            new PolicyScope.IfId(0x64));

    private static final String SELECTOR = ""
            + "0a020000 00000000 00000000 00000000" // daddr
            + "0a010000 00000000 00000000 00000000" // saddr
            + "0000 0000 0000 0000" // dport, dport_mask, sport, sport_mask
            + "0200 0f 10 00 000000" // family, prefixlen_d, prefixlen_s, proto, padding
            + "00000000 00000000"; // ifindex, user

    private static final String NO_LIMITS = ""
            + "ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff"
            + "0000000000000000 0000000000000000 0000000000000000 0000000000000000";

    private static final String CURRENT = "0000000000000000 0000000000000000 50607080000000f0 0000000000000000";

    private static final String INFO = SELECTOR
            + NO_LIMITS
            + CURRENT
            + "e8030000 09000000" // priority, index
            + "01 00 00 00 00000000"; // dir, action, flags, share, padding

    private static final String ATTRIBUTES = ""
            + "4400 0500" // XFRMA_TMPL
            + "c6336402 00000000 00000000 00000000 00000000 32 000000 0200 0000"
            + "cb007101 00000000 00000000 00000000 64000000 01 00 00 00 ffffffff ffffffff ffffffff"
            + "0a00 1000 000000000000 0000" // XFRMA_POLICY_TYPE
            + "0800 1f00 64000000"; // XFRMA_IF_ID

    private static final String USERSA_INFO = SELECTOR
            + "20010db8 00000000 00000000 00000002 89abcdef 32 000000" // id: daddr, spi, proto
            + "20010db8 00000000 00000000 00000001" // saddr
            + NO_LIMITS
            + CURRENT
            + "00000000 00000000 00000000" // stats
            + "00000000 64000000" // seq, reqid
            + "0a00 01 20 00 000000 00000000"; // family, mode, replay_window, flags, padding

    @BeforeEach
    void littleEndian() {
        assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "these bytes are a little-endian machine's");
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static @Nullable KernelEvent read(int type, byte[] body) {
        return READER.read(
                new Netlink.Message(type, 0, 1, PORT, ByteBuffer.wrap(body).order(ByteOrder.nativeOrder())));
    }

    private static @Nullable KernelEvent read(int type, String hex) {
        return read(type, bytes(hex));
    }

    private static KernelEvent policy(int origin, Change change) {
        return new KernelEvent.PolicyChanged(origin, change, InstalledPolicy.of(POLICY));
    }

    @Test
    void policies() {
        assertEquals(policy(PORT, Change.ADDED), read(0x13, INFO + ATTRIBUTES)); // XFRM_MSG_NEWPOLICY
        assertEquals(policy(PORT, Change.UPDATED), read(0x19, INFO + ATTRIBUTES)); // XFRM_MSG_UPDPOLICY
        assertEquals(new KernelEvent.PoliciesFlushed(PORT), read(0x1d, "0a00 1000 000000000000 0000"));
    }

    @Test
    void removedPolicyStandsInAnAttribute() {
        String id = SELECTOR + "09000000 01 000000"; // index, dir
        assertEquals(policy(PORT, Change.REMOVED), read(0x14, id + "ac00 0700" + INFO + ATTRIBUTES));
        assertNull(read(0x14, id + ATTRIBUTES));
    }

    @Test
    void expiredPolicy() {
        assertEquals(policy(0, Change.EXPIRED), read(0x1b, INFO + "01 00000000000000" + ATTRIBUTES));
        assertEquals(policy(0, Change.EXPIRING), read(0x1b, INFO + "00 00000000000000" + ATTRIBUTES));
    }

    @Test
    void acquire() {
        String acquire = ""
                + "c6336402 00000000 00000000 00000000 00000000 32 000000" // id
                + "cb007101 00000000 00000000 00000000" // saddr
                + SELECTOR
                + INFO
                + "ffffffff ffffffff ffffffff" // aalgos, ealgos, calgos
                + "07000000"; // seq
        assertEquals(
                new KernelEvent.Acquire(
                        7, IpAddress.parse("203.0.113.1"), IpAddress.parse("198.51.100.2"), InstalledPolicy.of(POLICY)),
                read(0x17, acquire + ATTRIBUTES));
    }

    @Test
    void associations() {
        IpAddress destination = IpAddress.parse("2001:db8::2");
        KernelEvent added = new KernelEvent.SaChanged(PORT, Change.ADDED, destination, 0x89abcdef, 50);
        assertEquals(added, read(0x10, USERSA_INFO));
        assertEquals(
                new KernelEvent.SaChanged(PORT, Change.UPDATED, destination, 0x89abcdef, 50), read(0x1a, USERSA_INFO));
        String id = "20010db8 00000000 00000000 00000002 89abcdef 0a00 32 00";
        assertEquals(new KernelEvent.SaChanged(PORT, Change.REMOVED, destination, 0x89abcdef, 50), read(0x11, id));
        assertEquals(new KernelEvent.SasFlushed(PORT), read(0x1c, "32 000000"));
        assertEquals(
                new KernelEvent.SaChanged(0, Change.EXPIRING, destination, 0x89abcdef, 50),
                read(0x18, USERSA_INFO + "00 00000000000000"));
        assertEquals(
                new KernelEvent.SaChanged(0, Change.EXPIRED, destination, 0x89abcdef, 50),
                read(0x18, USERSA_INFO + "01 00000000000000"));
    }

    @Test
    void messagesOfNoEventOfOursArePassedOver() {
        for (int type : new int[] {0, 2, 0x12, 0x16, 0x1e, 0x20, 0x26, 0xffff}) {
            assertNull(read(type, INFO + ATTRIBUTES), "type " + type);
        }
    }

    @Test
    void anyCutOrDamagedMessageIsReadOrPassedOver() {
        byte[] good = bytes(USERSA_INFO + INFO + ATTRIBUTES + INFO + ATTRIBUTES);
        Random random = new Random(7296);
        Set<Integer> types = Set.of(0x10, 0x11, 0x13, 0x14, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d);
        for (int type : types) {
            for (int length = 0; length <= good.length; length++) {
                byte[] damaged = Arrays.copyOf(good, length);
                for (int i = 0; i < length / 64; i++) {
                    damaged[random.nextInt(length)] = (byte) random.nextInt();
                }
                read(type, damaged);
            }
        }
    }
}

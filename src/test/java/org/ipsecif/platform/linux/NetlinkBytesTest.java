package org.ipsecif.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.Selector.PortRange;
import org.ipsecif.sa.TransformTemplate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Netlink messages, field by field as linux/xfrm.h, linux/if_addr.h and linux/if_link.h lay them out on x86-64. */
class NetlinkBytesTest {
    private static final int IFINDEX = 7;
    private static final XfrmPolicyCodec CODEC = new XfrmPolicyCodec(name -> name.equals("ipsec0") ? IFINDEX : 0);
    private static final XfrmPolicyReader READER = new XfrmPolicyReader(index -> index == IFINDEX ? "ipsec0" : null);

    private static final SecurityPolicy OUT = new SecurityPolicy(
            "kernel",
            Direction.OUTBOUND,
            new Selector(
                    IpPrefix.parse("10.1.0.0/16"),
                    IpPrefix.parse("10.2.0.0/15"),
                    17,
                    PortRange.ANY,
                    new PortRange(500, 500)),
            PolicyAction.PROTECT,
            List.of(new TransformTemplate(
                    IpsecMode.TUNNEL,
                    IpAddress.parse("203.0.113.1"),
                    IpAddress.parse("198.51.100.2"),
                    Level.UNIQUE,
                    100)),
            1000,
            new PolicyScope.IfId(0x64));

    private static final SecurityPolicy FORWARD6 = new SecurityPolicy(
            "kernel",
            Direction.FORWARD,
            Selector.between(IpPrefix.parse("2001:db8:1::/48"), IpPrefix.parse("::/0")),
            PolicyAction.DISCARD,
            List.of(),
            5,
            new PolicyScope.Mark(0xf, 0xffff));

    /** struct xfrm_selector of OUT. */
    private static final String SELECTOR = ""
            + "0a020000 00000000 00000000 00000000" // daddr 10.2.0.0
            + "0a010000 00000000 00000000 00000000" // saddr 10.1.0.0
            + "01f4 ffff" // dport 500, dport_mask
            + "0000 0000" // sport, sport_mask
            + "0200" // family AF_INET
            + "0f 10" // prefixlen_d, prefixlen_s
            + "11 000000" // proto UDP
            + "00000000 00000000"; // ifindex, user

    private static final String TEMPLATE = ""
            + "c6336402 00000000 00000000 00000000" // id.daddr 198.51.100.2
            + "00000000 32 000000" // id.spi, id.proto ESP
            + "0200 0000" // family
            + "cb007101 00000000 00000000 00000000" // saddr 203.0.113.1
            + "64000000" // reqid
            + "01 00 00 00" // mode XFRM_MODE_TUNNEL, share, optional
            + "ffffffff ffffffff ffffffff"; // aalgos, ealgos, calgos

    private static final String NEWPOLICY = ""
            + "04010000 1300 0506 05000000 00000000" // len 260, XFRM_MSG_NEWPOLICY, REQUEST|ACK|EXCL|CREATE, seq, pid
            + SELECTOR
            + "ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff" // lft: byte and packet limits
            + "0000000000000000 0000000000000000 0000000000000000 0000000000000000" // lft: times
            + "0000000000000000 0000000000000000 0000000000000000 0000000000000000" // curlft
            + "e8030000 00000000" // priority 1000, index
            + "01 00 00 00 00000000" // dir XFRM_POLICY_OUT, action ALLOW, flags, share, padding
            + "4400 0500" // XFRMA_TMPL, 64 bytes
            + TEMPLATE
            + "0800 1f00 64000000"; // XFRMA_IF_ID

    private static final SecurityPolicy ICMP6 = new SecurityPolicy(
            "kernel",
            Direction.INBOUND,
            new Selector(
                    IpPrefix.parse("2001:db8:1::/48"),
                    IpPrefix.parse("2001:db8:2::7/128"),
                    58,
                    new PortRange(128, 128),
                    new PortRange(0, 0)),
            PolicyAction.PROTECT,
            List.of(
                    new TransformTemplate(IpsecMode.TRANSPORT, IpAddress.ANY_INET6, IpAddress.ANY_INET6, Level.USE, 0),
                    new TransformTemplate(
                            IpsecMode.TUNNEL,
                            IpAddress.parse("2001:db8::1"),
                            IpAddress.parse("2001:db8::2"),
                            Level.UNIQUE,
                            0xfedc_ba98)),
            Integer.MAX_VALUE,
            new PolicyScope.Mark(0x8000_0001, -1));

    private static final String NO_LIMITS = ""
            + "ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff" // lft: byte and packet limits
            + "0000000000000000 0000000000000000 0000000000000000 0000000000000000" // lft: times
            + "0000000000000000 0000000000000000 0000000000000000 0000000000000000"; // curlft

    private static final String NEWPOLICY6 = ""
            + "48010000 1300 0506 05000000 00000000" // len 328
            + "20010db8 00020000 00000000 00000007" // daddr
            + "20010db8 00010000 00000000 00000000" // saddr
            + "0000 ffff" // dport: code 0, dport_mask
            + "0080 ffff" // sport: type 128, sport_mask
            + "0a00" // family AF_INET6
            + "80 30" // prefixlen_d, prefixlen_s
            + "3a 000000" // proto ICMPv6
            + "00000000 00000000" // ifindex, user
            + NO_LIMITS
            + "ffffff7f 00000000" // priority, index
            + "00 00 00 00 00000000" // dir XFRM_POLICY_IN, action ALLOW
            + "8400 0500" // XFRMA_TMPL, 2 times 64 bytes
            + "00000000 00000000 00000000 00000000" // id.daddr: the packet's own
            + "00000000 32 000000"
            + "0a00 0000"
            + "00000000 00000000 00000000 00000000"
            + "00000000" // reqid
            + "00 00 01 00" // mode XFRM_MODE_TRANSPORT, share, optional: level use
            + "ffffffff ffffffff ffffffff"
            + "20010db8 00000000 00000000 00000002"
            + "00000000 32 000000"
            + "0a00 0000"
            + "20010db8 00000000 00000000 00000001"
            + "98badcfe" // reqid
            + "01 00 00 00" // mode XFRM_MODE_TUNNEL, share, optional
            + "ffffffff ffffffff ffffffff"
            + "0c00 1500 01000080 ffffffff"; // XFRMA_MARK

    private static final SecurityPolicy BLOCK = new SecurityPolicy(
            "kernel",
            Direction.OUTBOUND,
            Selector.between(IpPrefix.ANY_INET, IpPrefix.parse("10.2.0.0/16")),
            PolicyAction.DISCARD,
            List.of(),
            1,
            new PolicyScope.Host());

    private static final String HOST_BLOCK = ""
            + "b8000000 1300 0506 05000000 00000000" // len 184
            + "0a020000 00000000 00000000 00000000" // daddr
            + "00000000 00000000 00000000 00000000" // saddr
            + "0000 0000 0000 0000"
            + "0200"
            + "10 00" // prefixlen_d, prefixlen_s
            + "00 000000" // any protocol
            + "00000000 00000000"
            + NO_LIMITS
            + "01000000 00000000"
            + "01 01 00 00 00000000"; // dir XFRM_POLICY_OUT, action BLOCK

    @BeforeEach
    void littleEndian() {
        assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "these bytes are a little-endian machine's");
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static void assertMessage(String expected, NetlinkWriter message, int flags) {
        assertEquals(expected.replace(" ", ""), hex(message.finish(flags, 5)));
    }

    /** As a dump hands it over: without the netlink header. */
    private static ByteBuffer body(byte[] message) {
        return ByteBuffer.wrap(Arrays.copyOfRange(message, 16, message.length))
                .slice()
                .order(ByteOrder.nativeOrder());
    }

    @Test
    void newPolicy() {
        assertMessage(NEWPOLICY, CODEC.newPolicy(OUT), Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK);
    }

    @Test
    void deletePolicyNamesSelectorDirectionAndScope() {
        assertMessage(
                "58000000 1400 0500 05000000 00000000" // len 88, XFRM_MSG_DELPOLICY, REQUEST|ACK
                        + SELECTOR
                        + "00000000 01 000000" // index, dir
                        + "0800 1f00 64000000",
                CODEC.deletePolicy(PolicyKey.of(OUT)),
                Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK);
    }

    @Test
    void markIsAnAttribute() {
        byte[] message = CODEC.newPolicy(FORWARD6).finish(0, 5);
        assertEquals("0c0015000f000000ffff0000", hex(Arrays.copyOfRange(message, message.length - 12, message.length)));
    }

    @Test
    void deviceIsInTheSelector() {
        SecurityPolicy policy = new SecurityPolicy(
                "kernel",
                Direction.INBOUND,
                OUT.selector(),
                OUT.action(),
                OUT.transforms(),
                OUT.priority(),
                new PolicyScope.Device("ipsec0"));
        byte[] message = CODEC.newPolicy(policy).finish(0, 5);
        assertEquals("07000000", hex(Arrays.copyOfRange(message, 16 + 48, 16 + 52)));
        assertEquals(InstalledPolicy.of(policy), READER.read(body(message)));
    }

    @Test
    void deviceThatIsGoneKeepsItsIndexAndNeverBecomesTheWholeHost() {
        byte[] message = bytes(HOST_BLOCK);
        message[16 + 48] = 9; // sel.ifindex, of no device now
        PolicyKey key = key(READER.read(body(message)));
        assertEquals(new PolicyScope.Device("if9"), key.scope());
        byte[] removal = CODEC.deletePolicy(key).finish(0, 5);
        assertEquals("09000000", hex(Arrays.copyOfRange(removal, 16 + 48, 16 + 52)));
        PolicyKey gone = new PolicyKey(Direction.INBOUND, OUT.selector(), new PolicyScope.Device("ipsec1"));
        assertEquals(
                "there is no device ipsec1",
                assertThrows(IllegalArgumentException.class, () -> CODEC.deletePolicy(gone))
                        .getMessage());
    }

    @Test
    void updatePolicyDiffersFromNewPolicyInTypeAndFlagsOnly() {
        assertMessage(
                NEWPOLICY.replace(
                        "04010000 1300 0506", "04010000 1900 0501"), // XFRM_MSG_UPDPOLICY, REQUEST|ACK|REPLACE
                CODEC.updatePolicy(OUT),
                Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK);
    }

    @Test
    void newPolicyInet6OfTypeAndCodeWithTwoTransformsAndAMark() {
        assertMessage(NEWPOLICY6, CODEC.newPolicy(ICMP6), Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK);
        assertEquals(InstalledPolicy.of(ICMP6), READER.read(body(bytes(NEWPOLICY6))));
        assertEquals(Set.of(0xfedc_ba98), InstalledPolicy.of(ICMP6).ids());
    }

    @Test
    void newPolicyThatBlocksForTheWholeHost() {
        assertMessage(HOST_BLOCK, CODEC.newPolicy(BLOCK), Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK);
        assertEquals(InstalledPolicy.of(BLOCK), READER.read(body(bytes(HOST_BLOCK))));
    }

    @Test
    void scopesThatTheKernelWouldTakeForTheWholeHostAreRefused() {
        for (PolicyScope scope : List.of(new PolicyScope.IfId(0), new PolicyScope.Mark(1, 0))) {
            PolicyKey key = new PolicyKey(Direction.OUTBOUND, OUT.selector(), scope);
            assertThrows(IllegalArgumentException.class, () -> CODEC.deletePolicy(key), scope.toString());
        }
    }

    static Stream<SecurityPolicy> policies() {
        return Stream.of(OUT, FORWARD6, ICMP6, BLOCK);
    }

    @ParameterizedTest
    @MethodSource("policies")
    void dumpIsReadBack(SecurityPolicy policy) {
        assertEquals(
                InstalledPolicy.of(policy),
                READER.read(body(CODEC.newPolicy(policy).finish(0, 5))));
    }

    /** af_key sets no bit in the masks of algorithms, and its id is the index. */
    @Test
    void entryThatWasMadeByPfKeyIsReadAsWhatItIs() {
        byte[] message = bytes(NEWPOLICY);
        Arrays.fill(message, 16 + 224, 16 + 236, (byte) 0);
        message[16 + 156] = 9;
        assertEquals(InstalledPolicy.of(OUT).withNumber(9), READER.read(body(message)));
    }

    @Test
    void rangeOfPortsHasNoXfrmSelector() {
        SecurityPolicy policy = new SecurityPolicy(
                "p",
                Direction.OUTBOUND,
                new Selector(IpPrefix.ANY_INET, IpPrefix.ANY_INET, 6, PortRange.ANY, new PortRange(1, 2)),
                PolicyAction.DISCARD,
                List.of(),
                1,
                new PolicyScope.Host());
        assertEquals(
                "XFRM has no selector for the ports 1 to 2",
                assertThrows(IllegalArgumentException.class, () -> CODEC.newPolicy(policy))
                        .getMessage());
    }

    /** At these offsets behind the netlink header, each of these bytes makes another program's entry of ours. */
    @ParameterizedTest
    @CsvSource({
        "160, 4, a socket's direction",
        "52, 1, a selector of a user",
        "4, 1, bytes behind an IPv4 address",
        "3, 1, a host bit",
        "34, 7, an odd port mask",
        "36, 1, a port without a mask"
    })
    void entryWhoseKeyWeCannotSayIsNoneOfOurs(int at, int value, String what) {
        byte[] message = bytes(NEWPOLICY);
        message[16 + at] = (byte) value;
        assertEquals(new InstalledPolicy(null, null, Set.of(0x64)), READER.read(body(message)), what);
    }

    @ParameterizedTest
    @CsvSource({
        "161, 2, an action",
        "162, 1, XFRM_POLICY_LOCALOK",
        "163, 1, share",
        "56, 1, a soft byte limit",
        "88, 1, an end by time",
        "192, 51, AH",
        "188, 1, an SPI",
        "220, 4, BEET mode",
        "222, 1, optional with a reqid",
        "224, 1, one algorithm"
    })
    void entryThatDoesWhatWeCannotSayKeepsItsKey(int at, int value, String what) {
        byte[] message = bytes(NEWPOLICY);
        message[16 + at] = (byte) value;
        InstalledPolicy read = READER.read(body(message));
        assertEquals(new InstalledPolicy(PolicyKey.of(OUT), null, Set.of(0x64)), read, what);
        assertFalse(read != null && read.is(OUT));
    }

    @Test
    void entryOfTwoScopesOrOfAnotherTypeIsNoneOfOurs() {
        String mark = "0c00 1500 0f000000 ffff0000";
        String sub = "0a00 1000 01 00 0000 00 00 0000"; // XFRMA_POLICY_TYPE, XFRM_POLICY_TYPE_SUB
        for (String more : List.of(mark, sub)) {
            assertEquals(new InstalledPolicy(null, null, Set.of(0x64)), READER.read(body(bytes(NEWPOLICY + more))));
        }
    }

    private static PolicyKey key(@Nullable InstalledPolicy installed) {
        return Objects.requireNonNull(Objects.requireNonNull(installed).key());
    }

    @Test
    void anyCutOrDamagedDumpIsReadOrPassedOver() {
        byte[] good = bytes(NEWPOLICY);
        for (int length = 16; length < good.length; length++) {
            READER.read(body(Arrays.copyOf(good, length)));
        }
        Random random = new Random(7296);
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = good.clone();
            for (int i = 0; i < 3; i++) {
                damaged[16 + random.nextInt(good.length - 16)] = (byte) random.nextInt();
            }
            READER.read(body(damaged));
        }
    }

    @Test
    void attributesOfWrongLengthsEndTheList() {
        for (String rest : List.of("0000 0100", "0300 0100", "ffff 0100 00000000", "0500", "0900 0200 00000000")) {
            Map<Integer, ByteBuffer> found = NetlinkReader.attributes(
                    ByteBuffer.wrap(bytes("0800 1f00 64000000" + rest)).order(ByteOrder.nativeOrder()), 0);
            assertEquals(List.of(31), List.copyOf(found.keySet()), rest);
            assertEquals(0x64, found.get(31).getInt(0));
        }
    }

    @Test
    void attributeFlagsAreNotPartOfTheType() {
        assertTrue(NetlinkReader.attributes(ByteBuffer.wrap(bytes("0400 0580")).order(ByteOrder.nativeOrder()), 0)
                .containsKey(5));
    }

    @Test
    void newAddressWithDestination() {
        assertMessage(
                "28000000 1400 0506 05000000 00000000" // len 40, RTM_NEWADDR
                        + "02 1e 00 00 07000000" // AF_INET, /30, flags, scope, index
                        + "0800 0200 0a000001" // IFA_LOCAL
                        + "0800 0100 0a000002", // IFA_ADDRESS
                RtnetlinkLinkConfigurer.addressMessage(
                        20,
                        Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL,
                        IFINDEX,
                        new InnerAddress(IpAddress.parse("10.0.0.1"), 30, IpAddress.parse("10.0.0.2"))),
                Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK);
    }

    @Test
    void newAddressInet6WithoutDuplicateAddressDetection() {
        assertMessage(
                "40000000 1400 0506 05000000 00000000" // len 64
                        + "0a 40 02 00 07000000" // AF_INET6, /64, IFA_F_NODAD
                        + "1400 0200 20010db8000000000000000000000001"
                        + "1400 0100 20010db8000000000000000000000001",
                RtnetlinkLinkConfigurer.addressMessage(
                        20,
                        Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL,
                        IFINDEX,
                        new InnerAddress(IpAddress.parse("2001:db8::1"), 64, null)),
                Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK);
    }

    private static @Nullable InnerAddress read(String bytes) {
        byte[] message = HexFormat.of().parseHex(bytes.replace(" ", ""));
        return RtnetlinkLinkConfigurer.readAddress(ByteBuffer.wrap(message).order(ByteOrder.nativeOrder()));
    }

    @Test
    void addressIsRead() {
        assertEquals(
                new InnerAddress(IpAddress.parse("10.0.0.1"), 30, IpAddress.parse("10.0.0.2")),
                read("02 1e 80 00 07000000 0800 0100 0a000002 0800 0200 0a000001 0800 0800 80000000"));
        assertEquals(
                new InnerAddress(IpAddress.parse("10.0.0.1"), 30, null),
                read("02 1e 80 00 07000000 0800 0100 0a000001 0800 0200 0a000001"));
        assertEquals(
                new InnerAddress(IpAddress.parse("2001:db8::1"), 64, null),
                read("0a 40 80 00 07000000 1400 0100 20010db8000000000000000000000001"));
        assertEquals(
                new InnerAddress(IpAddress.parse("2001:db8::1"), 128, IpAddress.parse("2001:db8::2")),
                read("0a 80 80 00 07000000 1400 0200 20010db8000000000000000000000001"
                        + "1400 0100 20010db8000000000000000000000002"));
    }

    @Test
    void whatIsNoAddressIsNotRead() {
        assertNull(read("02 1e"));
        assertNull(read("02 1e 80 00 07000000"));
        assertNull(read("02 21 80 00 07000000 0800 0100 0a000001")); // /33
        assertNull(read("02 1e 80 00 07000000 0600 0100 0a00"));
        assertNull(read("0a 40 80 00 07000000 0800 0100 0a000001"));
    }

    @Test
    void linkHeader() {
        assertEquals(
                "00 00 0000 07000000 01000000 01000000".replace(" ", ""),
                hex(RtnetlinkLinkConfigurer.ifinfomsg(IFINDEX, 1, 1)));
    }
}

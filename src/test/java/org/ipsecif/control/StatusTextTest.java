package org.ipsecif.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import org.ipsecif.control.InterfaceStatus.AddressStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The layouts people read and scripts cut up: every character counts. */
class StatusTextTest {
    private static final String BLOCK = """
        ipsec0: flags=8051<UP,POINTOPOINT,RUNNING,MULTICAST> metric 0 mtu 1400
        \tdescription: branch 7
        \ttunnel inet 203.0.113.1 --> 203.0.113.2 encap udp
        \tfib: 1
        \ttunnelfib: 2
        \tpath mtu 1492 (learned from ICMP, for 540 s more)
        \toptions: df copy mss auto
        \tinet 10.0.0.1 --> 10.0.0.2 netmask 0xfffffffc
        \tinet6 2001:db8::1 prefixlen 64
        \treqid: 100
        \ttemplate: route-based
        \tstatus: active
        \tike options: keying ike local_id a.example.org psk_file /etc/ipsecif/psk
        \tike: established with branch7.example.org at 203.0.113.2[4500], AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384, rekey in 3:12:05
        \tsa out 203.0.113.1 --> 203.0.113.2 spi 0x00002001 ENCR_AES_CBC/128 AUTH_HMAC_SHA1_96 replay 1024 seq 7, 6 packets, 600 bytes
        \tin: 3 packets, 300 bytes
        \tout: 6 packets, 600 bytes
        \t2 replays
        """;
    private static final String SA_DUMP = """
        203.0.113.1 203.0.113.2
        \tesp mode=tunnel spi=8193(0x00002001) reqid=100(0x00000064)
        \tE: ENCR_AES_CBC/128
        \tA: AUTH_HMAC_SHA1_96
        \tseq=0x00000007 replay=128 flags=0x00000000 state=mature
        \tdiff: 5(s)\thard: 60(s)\tsoft: 30(s)
        \tcurrent: 600(bytes)\thard: 2000(bytes)\tsoft: 1000(bytes)
        \tallocated: 6\thard: 0\tsoft: 0
        \tinterface=ipsec0 direction=out
        """;
    private static final String POLICY_DUMP = """
        0.0.0.0/0 0.0.0.0/0 any
        \tout ipsec
        \tesp/tunnel/203.0.113.1-203.0.113.2/unique:100
        \tinterface=ipsec0 entry=out/inet priority=1000 scope=if_id 0x64 kernel=yes
        """;
    private static final String TABLE = """
        NAME            STATUS           REQID    TUNNEL                                             IN        OUT  ADDRESSES
        ipsec0          active           100      203.0.113.1 --> 203.0.113.2                         3          6  10.0.0.1/30 2001:db8::1/64
        sti15           no outbound SA   4294967295 -                                                   0          0  192.0.2.1/0
        """;

    /** As little as an interface can have: no tunnel, no SA, no counter; and the largest reqid. */
    private static final InterfaceStatus BARE = new InterfaceStatus(
            "sti15",
            8,
            List.of("POINTOPOINT", "MULTICAST"),
            1280,
            "configured",
            0,
            0,
            null,
            null,
            "",
            "",
            null,
            null,
            "no",
            0xffff_ffffL,
            "t",
            "in the process alone: why",
            "",
            List.of(),
            "",
            List.of(new AddressStatus("inet", "192.0.2.1", 0, null)),
            "no outbound SA",
            List.of(),
            List.of());

    @Test
    void interfaceHasIfconfigsBlock() {
        assertEquals(BLOCK, InterfaceText.block(RecordingDaemon.INTERFACE));
    }

    @Test
    void blockLeavesOutWhatIsNotThere() {
        assertEquals("""
            sti15: flags=8010<POINTOPOINT,MULTICAST> metric 0 mtu 1280
            \tinet 192.0.2.1 netmask 0x00000000
            \treqid: 4294967295
            \ttemplate: t
            \tspd: in the process alone: why
            \tstatus: no outbound SA
            \tin: 0 packets, 0 bytes
            \tout: 0 packets, 0 bytes
            """, InterfaceText.block(BARE));
    }

    private static InterfaceStatus keyed(List<IkeSaStatus> ike, String problem) {
        return new InterfaceStatus(
                "ipsec0",
                8,
                List.of(),
                1280,
                "configured",
                0,
                0,
                null,
                null,
                "",
                "",
                null,
                null,
                "no",
                1,
                "t",
                "",
                "keying ike",
                ike,
                problem,
                List.of(),
                "no outbound SA",
                List.of(),
                List.of());
    }

    private static final IkeSaStatus CONNECTING = new IkeSaStatus(
            "ipsec0",
            "connecting",
            true,
            "203.0.113.1",
            null,
            "203.0.113.1",
            500,
            "203.0.113.2",
            500,
            "00c0ffee00112233",
            "0000000000000000",
            0,
            null,
            "",
            false,
            false,
            List.of());

    @Test
    void interfaceSaysHowIkeStands() {
        assertTrue(InterfaceText.block(keyed(List.of(CONNECTING), ""))
                .contains("\tike options: keying ike\n\tike: connecting to anybody at 203.0.113.2[500]\n"));
        assertTrue(InterfaceText.block(keyed(List.of(), "")).contains("\tike: no IKE SA\n"));
        assertTrue(InterfaceText.block(keyed(List.of(), "peer does not answer"))
                .contains("\tike: no IKE SA; peer does not answer\n"));
    }

    @Test
    void ikeSaHasALineAndItsChildrenOneEach() {
        assertEquals(
                "ipsec0: established as initiator, a.example.org at 203.0.113.1[4500] --> branch7.example.org at"
                        + " 203.0.113.2[4500], spis 00c0ffee00112233_i 8899aabbccddeeff_r, age 0:05:12, rekey in 3:12:05,"
                        + " AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384, NAT here\n"
                        + "\tchild ipsec0: active, spis 0xc1a4f00d in 0x0a2b3c4d out, 0.0.0.0/0 ::/0 === 0.0.0.0/0 ::/0,"
                        + " AES_GCM_16_256/ESN, in UDP, in 3 packets 300 bytes, out 6 packets 600 bytes, age 0:05:00,"
                        + " rekey in 0:50:00\n",
                IkeSaText.lines(RecordingDaemon.IKE_SA));
        assertEquals(
                "ipsec0: connecting as initiator, 203.0.113.1 at 203.0.113.1[500] --> anybody at 203.0.113.2[500],"
                        + " spis 00c0ffee00112233_i 0000000000000000_r\n",
                IkeSaText.lines(CONNECTING));
    }

    @Test
    void eventHasTheTimeOfThePlace() {
        assertEquals(
                "2026-11-28 19:07:06.125 ipsec0: warning: IKE_SA with 203.0.113.2 failed: peer does not answer\n",
                IkeSaText.event(RecordingDaemon.EVENT, ZoneId.of("Europe/Berlin")));
        assertEquals(
                "2026-11-28 18:07:06.250 ipsec0: --> 203.0.113.1[500] 203.0.113.2[500] INFORMATIONAL request 2 [ D ]\n"
                        + "  D IKE\n",
                IkeSaText.event(RecordingDaemon.MESSAGE, ZoneId.of("UTC")));
    }

    @Test
    void tableHasALineForEachInterface() {
        assertEquals(TABLE, InterfaceText.table(List.of(RecordingDaemon.INTERFACE, BARE)));
    }

    @Test
    void saHasSetkeysLayout() {
        assertEquals(SA_DUMP, SaText.dump(RecordingDaemon.SA));
    }

    @Test
    void saOfNoInterfaceSaysSoAndEndsWithItsDrops() {
        SaStatus sa = new SaStatus(
                "2001:db8::1",
                "2001:db8::2",
                0xffff_ffffL,
                0,
                null,
                "none",
                "tunnel",
                "ENCR_NULL",
                "NONE",
                0,
                true,
                0x1_0000_0000L,
                0,
                0,
                0,
                new SaStatus.LifetimeStatus(0, 0, 0, 0, 5, 6),
                "dying",
                List.of(new Counter("inbound_replayed", "replays", 2)));
        assertEquals("""
            2001:db8::1 2001:db8::2
            \tesp mode=tunnel spi=4294967295(0xffffffff) reqid=0(0x00000000)
            \tE: ENCR_NULL
            \tA: NONE
            \tseq=0x100000000 replay=0 flags=0x00000000 state=dying esn
            \tdiff: 0(s)\thard: 0(s)\tsoft: 0(s)
            \tcurrent: 0(bytes)\thard: 0(bytes)\tsoft: 0(bytes)
            \tallocated: 0\thard: 6\tsoft: 5
            \tinterface=none direction=none
            \t2 replays
            """, SaText.dump(sa));
        assertEquals(
                "none 2001:db8::1 --> 2001:db8::2 spi 0xffffffff ENCR_NULL NONE replay off esn seq 4294967296,"
                        + " 0 packets, 0 bytes",
                SaText.line(sa));
    }

    @Test
    void policyHasSetkeysLayout() {
        assertEquals(POLICY_DUMP, PolicyText.dump(RecordingDaemon.POLICY));
    }

    private static PolicyStatus fence(String name, String action, String kernel, PolicyStatus.KernelEntry entry) {
        return new PolicyStatus(
                "ipsec0",
                name,
                "in",
                "10.0.0.0/8",
                "any",
                "0.0.0.0/0",
                "443",
                "17",
                action,
                List.of(),
                5,
                "host",
                false,
                kernel,
                entry,
                "");
    }

    private static PolicyStatus noted(PolicyStatus policy, String kernel, String note) {
        return new PolicyStatus(
                policy.interfaceName(),
                policy.name(),
                policy.direction(),
                policy.source(),
                policy.sourcePort(),
                policy.destination(),
                policy.destinationPort(),
                policy.protocol(),
                policy.action(),
                List.of(),
                policy.priority(),
                policy.scope(),
                true,
                kernel,
                null,
                note);
    }

    @Test
    void whyTheKernelHasOtherEntriesOrNoneStandsBelow() {
        PolicyStatus policy = RecordingDaemon.POLICY;
        List<PolicyStatus> policies = List.of(
                noted(policy, PolicyStatus.NARROWED, "one"),
                noted(policy, PolicyStatus.ABSENT, "other"),
                noted(policy, PolicyStatus.ABSENT, "one"));
        assertEquals("""
              INTERFACE  ENTRY     DIR  SOURCE     DESTINATION  PROTO  SCOPE       IN PROCESS    KERNEL
            ~ ipsec0     out/inet  out  0.0.0.0/0  0.0.0.0/0    any    if_id 0x64  1000 protect  narrowed (1)
            ~ ipsec0     out/inet  out  0.0.0.0/0  0.0.0.0/0    any    if_id 0x64  1000 protect  absent (2)
            ~ ipsec0     out/inet  out  0.0.0.0/0  0.0.0.0/0    any    if_id 0x64  1000 protect  absent (1)
            (1) one
            (2) other
            """, PolicyText.sideBySide(policies));
        assertTrue(PolicyText.dump(policies.get(1)).endsWith(" kernel=ABSENT\n\t# other\n"));
    }

    @ParameterizedTest
    @CsvSource({
        "bypass, none, same, ' kernel=yes'",
        "discard, discard, missing, ' kernel=MISSING'",
        "discard, discard, differs, ' kernel=DIFFERS'",
        "none, none, extra, ' kernel=EXTRA'",
        "discard, discard, not compared, ''"
    })
    void policyHasSetkeysWordsAndSaysWhetherTheKernelHoldsIt(String action, String word, String kernel, String held) {
        assertEquals(
                "10.0.0.0/8 0.0.0.0/0[443] 17\n\tin " + word + "\n\tinterface=ipsec0 entry=fence priority=5 scope=host"
                        + held + "\n",
                PolicyText.dump(fence("fence", action, kernel, null)));
    }

    @Test
    void policiesStandBesideTheKernelsAndDifferencesAreMarked() {
        PolicyStatus.KernelEntry other = new PolicyStatus.KernelEntry("discard", List.of(), 6);
        String table = PolicyText.sideBySide(List.of(
                RecordingDaemon.POLICY,
                fence("a", "bypass", "missing", null),
                fence("b", "bypass", "differs", other),
                fence("", "none", "extra", new PolicyStatus.KernelEntry("other", List.of(), 0))));
        assertEquals("""
              INTERFACE  ENTRY     DIR  SOURCE      DESTINATION     PROTO  SCOPE       IN PROCESS                                                  KERNEL
              ipsec0     out/inet  out  0.0.0.0/0   0.0.0.0/0       any    if_id 0x64  1000 protect esp/tunnel/203.0.113.1-203.0.113.2/unique:100  same
            - ipsec0     a         in   10.0.0.0/8  0.0.0.0/0[443]  17     host        (5 bypass)                                                  MISSING
            ! ipsec0     b         in   10.0.0.0/8  0.0.0.0/0[443]  17     host        (5 bypass)                                                  6 discard
            + ipsec0     -         in   10.0.0.0/8  0.0.0.0/0[443]  17     host        -                                                           other
            """, table);
    }

    @Test
    void templateIsAFileAndALine() {
        assertEquals("""
            [template]
            description = Nothing passes

            [param priority]
            type = number
            default = 7
            description = place in the SPD

            [out]
            direction = out
            action = discard

            """, TemplateText.file(RecordingDaemon.TEMPLATE));
        assertEquals(
                "fence  Nothing passes\nx      CANNOT BE USED: why\n",
                TemplateText.table(
                        List.of(RecordingDaemon.TEMPLATE, new TemplateStatus("x", "", List.of(), List.of(), "why"))));
    }

    @Test
    void countersAreListedZerosIncluded() {
        assertEquals(
                "of no interface:\n\t4 unknown SPIs\n\t0 bad ICVs\n",
                CounterText.block(
                        "of no interface",
                        List.of(RecordingDaemon.HOST_COUNTER, new Counter("inbound_bad_icv", "bad ICVs", 0))));
    }

    /** Arabic as written in Egypt has digits of its own. */
    @Test
    void digitsAreAsciiInEveryLanguage() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG"));
        try {
            assertEquals(BLOCK, InterfaceText.block(RecordingDaemon.INTERFACE));
            assertEquals(TABLE, InterfaceText.table(List.of(RecordingDaemon.INTERFACE, BARE)));
            assertEquals(SA_DUMP, SaText.dump(RecordingDaemon.SA));
            assertEquals("3:12:05", IkeSaText.time(11_525));
            assertTrue(IkeSaText.event(RecordingDaemon.EVENT, ZoneId.of("UTC")).startsWith("2026-11-28 18:07"));
            assertEquals(POLICY_DUMP, PolicyText.dump(RecordingDaemon.POLICY));
        } finally {
            Locale.setDefault(before);
        }
    }
}

package org.ipsecif.control;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.ipsecif.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * A daemon in memory: tells fixed facts and writes down what it is asked to change. The word {@code bogus} is wrong, the
 * interface {@code ipsec9} is not there, and {@code fault} is a fault.
 */
final class RecordingDaemon implements DaemonControl {
    static final String JAVA = "Java 25.0.3 (Example) in /usr/lib/jvm/25, serial collector, at most 64 MiB of heap";

    /** What it answers to "version". */
    static final String VERSION = "{\"version\":\"1.2.3\",\"java\":\"" + JAVA + "\"}";

    static final SaStatus SA = new SaStatus(
            "203.0.113.1",
            "203.0.113.2",
            0x2001,
            100,
            "ipsec0",
            "out",
            "tunnel",
            "ENCR_AES_CBC/128",
            "AUTH_HMAC_SHA1_96",
            1024,
            false,
            7,
            6,
            600,
            5,
            new SaStatus.LifetimeStatus(30, 60, 1_000, 2_000, 0, 0),
            "mature",
            List.of());

    static final IkeSaStatus IKE_SA = new IkeSaStatus(
            "ipsec0",
            "established",
            true,
            "a.example.org",
            "branch7.example.org",
            "203.0.113.1",
            4500,
            "203.0.113.2",
            4500,
            "00c0ffee00112233",
            "8899aabbccddeeff",
            312,
            11_525L,
            "AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384",
            true,
            false,
            List.of(new IkeChildStatus(
                    "ipsec0",
                    "active",
                    0xc1a4_f00dL,
                    0x0a2b_3c4dL,
                    List.of("0.0.0.0/0", "::/0"),
                    List.of("0.0.0.0/0", "::/0"),
                    "AES_GCM_16_256/ESN",
                    true,
                    true,
                    300,
                    3_000L,
                    3,
                    300,
                    6,
                    600)));

    static final IkeEvent EVENT = new IkeEvent(
            7,
            "2026-11-28T18:07:06.125Z",
            IkeEvent.WARNING,
            "ipsec0",
            "IKE_SA with 203.0.113.2 failed: peer does not answer");
    static final IkeEvent MESSAGE = new IkeEvent(
            1,
            "2026-11-28T18:07:06.250Z",
            IkeEvent.SENT,
            "ipsec0",
            "203.0.113.1[500] 203.0.113.2[500] INFORMATIONAL request 2 [ D ]\n  D IKE");

    static final InterfaceStatus INTERFACE = new InterfaceStatus(
            "ipsec0",
            7,
            List.of("UP", "POINTOPOINT", "RUNNING", "MULTICAST"),
            1400,
            "auto",
            1492,
            540,
            1,
            2,
            "df copy mss auto",
            "branch 7",
            "203.0.113.1",
            "203.0.113.2",
            "udp",
            100,
            "route-based",
            "",
            "keying ike local_id a.example.org psk_file /etc/ipsecif/psk",
            List.of(IKE_SA),
            "",
            List.of(
                    new InterfaceStatus.AddressStatus("inet", "10.0.0.1", 30, "10.0.0.2"),
                    new InterfaceStatus.AddressStatus("inet6", "2001:db8::1", 64, null)),
            "active",
            List.of(SA),
            List.of(
                    new Counter("inbound_packets", "packets received", 3),
                    new Counter("inbound_bytes", "bytes received", 300),
                    new Counter("outbound_packets", "packets sent", 6),
                    new Counter("outbound_bytes", "bytes sent", 600),
                    new Counter("inbound_replayed", "replays", 2),
                    new Counter("inbound_bad_icv", "bad ICVs", 0)));

    static final PolicyStatus POLICY = new PolicyStatus(
            "ipsec0",
            "out/inet",
            "out",
            "0.0.0.0/0",
            "any",
            "0.0.0.0/0",
            "any",
            "any",
            "protect",
            List.of("esp/tunnel/203.0.113.1-203.0.113.2/unique:100"),
            1000,
            "if_id 0x64",
            true,
            "same",
            new PolicyStatus.KernelEntry("protect", List.of("esp/tunnel/203.0.113.1-203.0.113.2/unique:100"), 1000),
            "");

    static final TemplateStatus TEMPLATE = new TemplateStatus(
            "fence",
            "Nothing passes",
            List.of(new TemplateStatus.ParameterStatus("priority", "number", "7", "place in the SPD")),
            List.of(
                    new TemplateStatus.SectionStatus("template", List.of("description = Nothing passes")),
                    new TemplateStatus.SectionStatus("out", List.of("direction = out", "action = discard"))),
            "");

    static final Counter HOST_COUNTER = new Counter("inbound_unknown_spi", "unknown SPIs", 4);

    static final MemoryStatus MEMORY = new MemoryStatus(85L << 20, 9L << 20, 64L << 20, "serial", 12, 34, 5);

    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private List<String> changes = List.of("ipsec0: changed");

    synchronized List<String> asked() {
        return List.copyOf(asked);
    }

    synchronized void changesAtReload(List<String> lines) {
        changes = lines;
    }

    @Override
    public synchronized Created create(String name, List<String> words) {
        asked.add("create " + name + " " + words);
        return new Created(name.equals("ipsec") ? "ipsec0" : name, warnings(words));
    }

    private static List<String> warnings(List<String> words) {
        return words.contains("3des-sha1-modp2048") ? List.of("ipsec0: ike: 3des is old") : List.of();
    }

    @Override
    public synchronized List<String> configure(String name, List<String> words) throws ConfigException {
        asked.add("configure " + name + " " + words);
        if (words.contains("bogus")) {
            throw new ConfigException("\"bogus\" is not understood");
        }
        return warnings(words);
    }

    @Override
    public synchronized void destroy(String name) throws RefusedException {
        require(name);
        asked.add("destroy " + name);
    }

    private static void require(@Nullable String name) throws RefusedException {
        if ("ipsec9".equals(name)) {
            throw new RefusedException("ipsec9: no such interface of ipsecif");
        }
        if ("fault".equals(name)) {
            throw new IllegalStateException("planned");
        }
    }

    @Override
    public List<InterfaceStatus> interfaces(@Nullable String name) throws RefusedException {
        require(name);
        return List.of(INTERFACE);
    }

    @Override
    public synchronized SetkeyResult setkey(String origin, String script) {
        asked.add("setkey " + origin + " " + script);
        return new SetkeyResult(List.of(SA), List.of(POLICY));
    }

    @Override
    public List<SaStatus> securityAssociations() {
        return List.of(SA);
    }

    @Override
    public synchronized void flushSecurityAssociations() {
        asked.add("flush");
    }

    @Override
    public List<PolicyStatus> policies(@Nullable String name) throws RefusedException {
        require(name);
        return List.of(POLICY);
    }

    @Override
    public List<TemplateStatus> templates(@Nullable String name) throws ConfigException {
        if ("none".equals(name)) {
            throw new ConfigException("template \"none\" is not in /t; there are fence");
        }
        return List.of(TEMPLATE);
    }

    @Override
    public synchronized TemplateCheck checkTemplate(String origin, String text) throws ConfigException {
        asked.add("check " + origin + " " + text);
        if (text.contains("bogus")) {
            throw new ConfigException(origin, 1, "[out] bogus", "unknown key");
        }
        return text.isEmpty() ? new TemplateCheck(1, -1, "not tried") : new TemplateCheck(2, 6, "");
    }

    @Override
    public synchronized Rendering render(String template, String name, List<String> words, @Nullable String dialect)
            throws RefusedException {
        require(name);
        asked.add("render " + template + " " + name + " " + words + " " + dialect);
        return new Rendering(List.of(POLICY), dialect == null ? null : "# " + dialect + "\n");
    }

    @Override
    public IkeControl ike() {
        return new RecordingIke(asked, RecordingDaemon::require);
    }

    @Override
    public List<Counter> hostCounters() {
        return List.of(HOST_COUNTER);
    }

    @Override
    public synchronized List<String> reload() {
        return changes;
    }

    @Override
    public MemoryStatus memory() {
        return MEMORY;
    }

    @Override
    public String version() {
        return "1.2.3";
    }

    @Override
    public String java() {
        return JAVA;
    }
}

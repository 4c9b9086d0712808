package org.ipsecif.config;

import static org.ipsecif.config.Problems.assertProblem;
import static org.ipsecif.config.Problems.assertProblemBegins;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.ipsecif.config.IkeCredentials.Method;
import org.ipsecif.config.IkeCredentials.Revocation;
import org.ipsecif.crypto.ProposalNotation;
import org.ipsecif.sa.Family;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** IKE's words in rc.conf, ipsecif.conf and commands. */
class IkeSettingsTest {
    private static final String ENTRY = "ifconfig_ipsec0=\"tunnel 203.0.113.1 203.0.113.2\"\n";
    private static final InterfaceConfig NEW = InterfaceConfig.named("ipsec0");

    @TempDir
    Path directory;

    /** @param settings {@code word=value}, with {@code ;} between */
    private Configuration readRc(String settings) throws Exception {
        StringBuilder text = new StringBuilder(ENTRY);
        for (String each : settings.isEmpty() ? new String[0] : settings.split(";")) {
            String[] parts = each.strip().split("=", 2);
            text.append("ipsecif_ipsec0_")
                    .append(parts[0])
                    .append("=\"")
                    .append(parts[1])
                    .append("\"\n");
        }
        return ConfigurationReader.read(List.of(write("rc.conf", text.toString())), null);
    }

    private Configuration readIni(String conf) throws Exception {
        return ConfigurationReader.read(List.of(write("rc.conf", "")), write("ipsecif.conf", conf));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private String in(String name) {
        return directory.resolve(name).toString();
    }

    private static IkeSettings ike(Configuration configuration) {
        return configuration.interfaces().get(0).ike();
    }

    private static InterfaceConfig apply(InterfaceConfig base, String words) throws ConfigException {
        return IfconfigWords.apply(base, RcConfInterfaces.words(words));
    }

    @Test
    void nothingSaidIsManualKeying() throws Exception {
        assertEquals(IkeSettings.NONE, ike(readRc("")));
        assertFalse(IkeSettings.NONE.isUsed());
        assertEquals("", NEW.ikeWords());
    }

    @Test
    void twoLinesAreEnough() throws Exception {
        IkeSettings ike = ike(readRc("psk_file=a.psk"));
        assertTrue(ike.isUsed());
        assertEquals(in("a.psk"), ike.credentials().pskFile());
        assertEquals(Method.PSK, ike.credentials().usedMethod());
        assertNull(ike.localId());
        assertNull(ike.remoteId());
        assertEquals(ProposalNotation.DEFAULT_IKE, ike.ike());
        assertEquals(ProposalNotation.DEFAULT_ESP, ike.esp());
        assertEquals(IkeBehaviour.DEFAULT, ike.behaviour());
        assertEquals(IkeAction.START, ike.behaviour().onClose());
    }

    private static final IkeSettings ALL = new IkeSettings(
            Keying.IKE,
            "C=DE, CN=branch 7",
            "@#0aff",
            null,
            new IkeCredentials(
                    Method.PUBKEY,
                    null,
                    List.of("/etc/a.pem", "/etc/b.pem"),
                    "/etc/a.key",
                    List.of("/etc/ca1.pem", "/etc/ca2.pem"),
                    Revocation.STRICT,
                    new IkePpk("/etc/b7.ppk", "branch 7", false)),
            ProposalNotation.ike("aes128-sha256-modp2048"),
            ProposalNotation.esp("aes128gcm16-noesn"),
            new IkeBehaviour(
                    IkeAction.NONE,
                    IkeAction.TRAP,
                    IkeAction.START,
                    Duration.ofSeconds(10),
                    Duration.ofDays(1),
                    Duration.ofMinutes(30),
                    false,
                    true,
                    IkeChildren.PAIR,
                    new IkeBehaviour.Limits(Duration.ofHours(12), 1L << 30, 5_000),
                    false),
            IkeAddresses.NONE.withAsks(List.of(Family.INET6)));

    @Test
    void variablesOfRcConfSayAll() throws Exception {
        assertEquals(
                ALL,
                ike(readRc(
                        "keying=ike;auth=pubkey;local_id=C=DE, CN=branch 7;remote_id=@#0aff;cert=/etc/a.pem /etc/b.pem;"
                                + "key=/etc/a.key;cacert=/etc/ca1.pem,/etc/ca2.pem;revocation=strict;ike=aes128-sha256-modp2048;"
                                + "esp=aes128gcm16-noesn;start=add;close_action=trap;dpd_delay=10;rekey_time=1d;"
                                + "child_rekey_time=30m;fragmentation=no;childless=yes;selector_notices=no;dpd_action=restart;"
                                + "reauth_time=12h;child_rekey_bytes=1g;child_rekey_packets=5000;ppk_file=/etc/b7.ppk;ppk_id=branch 7;"
                                + "ppk_required=no;children=pair;address=inet6")));
    }

    @Test
    void keysOfASectionSayAll() throws Exception {
        assertEquals(ALL, ike(readIni("""
                [interface b7]
                tunnel = 203.0.113.1 203.0.113.2
                auth = pubkey
                local_id = C=DE, CN=branch 7
                remote_id = @#0aff
                cert = /etc/a.pem, /etc/b.pem
                key = /etc/a.key
                cacert = /etc/ca1.pem /etc/ca2.pem
                revocation = strict
                ike = aes128-sha256-modp2048
                esp = aes128gcm16-noesn
                start = add
                close_action = trap
                dpd_delay = 10s
                rekey_time = 24h
                child_rekey_time = 1800
                fragmentation = no
                childless = yes
                selector_notices = no
                dpd_action = restart
                reauth_time = 12h
                child_rekey_bytes = 1048576k
                child_rekey_packets = 5000
                ppk_file = /etc/b7.ppk
                ppk_id = branch 7
                ppk_required = no
                children = pair
                address = inet6
                """)));
    }

    @Test
    void wordsOfACommandSayAllAndShowSaysThemAgain() throws Exception {
        List<String> words = List.of(
                "keying",
                "ike",
                "local_id",
                "C=DE, CN=branch 7",
                "remote_id",
                "@#0aff",
                "auth",
                "pubkey",
                "ppk_file",
                "/etc/b7.ppk",
                "ppk_id",
                "branch 7",
                "ppk_required",
                "no",
                "cert",
                "/etc/a.pem,/etc/b.pem",
                "key",
                "/etc/a.key",
                "cacert",
                "/etc/ca1.pem,/etc/ca2.pem",
                "revocation",
                "strict",
                "ike",
                "aes128-sha256-prfsha256-modp2048",
                "esp",
                "aes128gcm16-noesn",
                "start",
                "add",
                "close_action",
                "trap",
                "dpd_action",
                "restart",
                "dpd_delay",
                "10",
                "rekey_time",
                "86400",
                "child_rekey_time",
                "1800",
                "reauth_time",
                "43200",
                "child_rekey_bytes",
                "1073741824",
                "child_rekey_packets",
                "5000",
                "fragmentation",
                "no",
                "childless",
                "yes",
                "selector_notices",
                "no",
                "children",
                "pair",
                "address",
                "inet6");
        InterfaceConfig config = IfconfigWords.apply(NEW, words);
        assertEquals(ALL, config.ike());
        assertEquals(String.join(" ", words).replaceAll("(C=DE, CN=)?branch 7", "\"$0\""), config.ikeWords());
    }

    @Test
    void aKeyThatIsANumberIsAMark() throws Exception {
        InterfaceConfig config = readRc("key=0x10").interfaces().get(0);
        assertEquals(16, config.policies().keyIn());
        assertEquals(IkeSettings.NONE, config.ike());
        assertEquals(7, apply(NEW, "key 7").policies().keyOut());
        assertProblem("key: 4294967296 is not 0 to 4294967295", () -> apply(NEW, "key 4294967296"));
    }

    @Test
    void defaultsAreForAllAndKeyNoneByThemselves() throws Exception {
        Configuration configuration = readIni("""
                adopt = ipsec*
                [defaults]
                psk_file = all.psk
                dpd_delay = 5s
                keying = manual
                [interface a]
                remote_id = %any
                [interface b]
                sa_file = b.sa
                [interface c]
                state = up
                """);
        IkeSettings ike = ike(configuration);
        assertTrue(ike.isUsed());
        assertEquals(in("all.psk"), ike.credentials().pskFile());
        assertEquals(Duration.ofSeconds(5), ike.behaviour().dpdDelay());
        assertTrue(ike.isRemoteAnybody());
        assertFalse(configuration.interfaces().get(1).ike().isUsed());
        assertFalse(configuration.interfaces().get(2).ike().isUsed());
        assertFalse(configuration.adopted().ike().isUsed());
    }

    @Test
    void defaultsKeyAllIfTheySaySo() throws Exception {
        Configuration configuration = readIni("""
                adopt = ipsec*
                [defaults]
                keying = ike
                psk_file = all.psk
                [interface a]
                state = up
                [interface b]
                sa_file = b.sa
                keying = manual
                """);
        assertTrue(configuration.interfaces().get(0).ike().isUsed());
        assertFalse(configuration.interfaces().get(1).ike().isUsed());
        assertTrue(configuration.adopted().ike().isUsed());
    }

    /** Who has a key wants it used. */
    @Test
    void postQuantumKeyIsRequiredUnlessSaidOtherwise() throws Exception {
        assertFalse(ike(readRc("psk_file=a.psk")).credentials().ppk().required());
        assertTrue(
                ike(readRc("psk_file=a.psk;ppk_file=a.ppk")).credentials().ppk().required());
        assertFalse(ike(readRc("psk_file=a.psk;ppk_file=a.ppk;ppk_required=no"))
                .credentials()
                .ppk()
                .required());
        assertEquals(
                in("a.ppk"),
                ike(readRc("psk_file=a.psk;ppk_file=a.ppk")).credentials().ppk().file());
    }

    @Test
    void manualKeyingLeavesOtherWordsUnused() throws Exception {
        assertFalse(ike(readRc("keying=manual;psk_file=a.psk;rekey_time=1h;sa_file=a.sa"))
                .isUsed());
    }

    @Test
    void commandChangesTheWayOfAuthentication() throws Exception {
        InterfaceConfig secret = apply(NEW, "psk_file /etc/a.psk");
        InterfaceConfig certificate = apply(secret, "auth pubkey cert /etc/a.pem key /etc/a.key cacert /etc/ca.pem");
        assertEquals(Method.PUBKEY, certificate.ike().credentials().usedMethod());
        assertEquals(
                Method.PSK, apply(certificate, "auth psk").ike().credentials().usedMethod());
        assertEquals(
                Method.RSA_PSS,
                apply(certificate, "auth rsa_pss").ike().credentials().usedMethod());
        assertFalse(apply(certificate, "keying manual").ike().isUsed());
    }

    @Test
    void whatIsWeakIsALineForTheLogAndOneForAll() throws Exception {
        assertEquals(
                List.of(
                        "a and 1 more: ike: sha1 is on its way out (RFC 8221 section 6, RFC 8247 section 2.3); take sha256",
                        "b: esp: null does not encrypt: everybody on the way reads all",
                        "b: remote_id: %any: whoever has the secret may be the peer, under any name"),
                readIni("""
                        [defaults]
                        psk_file = all.psk
                        ike = aes128-sha1-prfsha256-x25519
                        [interface a]
                        keying = ike
                        [interface b]
                        remote_id = %any
                        esp = null-sha256
                        [interface c]
                        state = up
                        """).warnings().stream().sorted().toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "keying=ike | :2: ipsecif_ipsec0_keying: IKE has nothing to authenticate with; expected psk_file, or cert, key and cacert",
                "dpd_delay=5 | :1: ifconfig_ipsec0: keying: IKE has nothing to authenticate with; expected psk_file, or cert, key and cacert",
                "psk_file=a;sa_file=b | :3: ipsecif_ipsec0_sa_file: manual SAs, but other words say that IKE makes them; keep one of the two, or say keying manual",
                "psk_file=a;cert=b;key=c;cacert=d | :1: ifconfig_ipsec0: auth: both psk_file and cert or key; expected one of the two, or auth psk or pubkey",
                "cert=a;cacert=b | :1: ifconfig_ipsec0: key: not there; cert needs key, the file of a private key",
                "key=a;cacert=b | :1: ifconfig_ipsec0: cert: not there; key needs cert, files of certificates, this end's own first",
                "cert=a;key=b | :1: ifconfig_ipsec0: cacert: not there; cert needs cacert, files of certificates",
                "psk_file=a;ppk_id=b | :1: ifconfig_ipsec0: ppk_file: not there; ppk_id needs ppk_file, a file of post-quantum preshared keys",
                "psk_file=a;ppk_required=yes | :1: ifconfig_ipsec0: ppk_file: not there; ppk_required needs ppk_file, a file of post-quantum preshared keys",
                "ppk_required=maybe | :2: ipsecif_ipsec0_ppk_required: ppk_required: \"maybe\" is not yes or no",
                "childless=maybe | :2: ipsecif_ipsec0_childless: childless: \"maybe\" is not yes or no",
                "auth=psk;cert=a;key=b;cacert=c | :1: ifconfig_ipsec0: psk_file: not there; auth psk needs psk_file, a file of secrets",
                "auth=pubkey;psk_file=a | :1: ifconfig_ipsec0: cert: not there; auth pubkey needs cert, files of certificates, this end's own first",
                "auth=rsa_pss;psk_file=a | :1: ifconfig_ipsec0: cert: not there; auth pubkey needs cert, files of certificates, this end's own first",
                "keying=auto | :2: ipsecif_ipsec0_keying: keying: \"auto\" is not manual or ike",
                "auth=eap | :2: ipsecif_ipsec0_auth: auth: \"eap\" is not psk, pubkey or rsa_pss",
                "revocation=hard | :2: ipsecif_ipsec0_revocation: revocation: \"hard\" is not off, soft or strict",
                "start=route | :2: ipsecif_ipsec0_start: start: \"route\" is not start, trap or add",
                "close_action=clear | :2: ipsecif_ipsec0_close_action: close_action: \"clear\" is not start, trap or none",
                "children=each | :2: ipsecif_ipsec0_children: children: \"each\" is not all or pair",
                "fragmentation=force | :2: ipsecif_ipsec0_fragmentation: fragmentation: \"force\" is not yes or no",
                "dpd_delay=5w | :2: ipsecif_ipsec0_dpd_delay: dpd_delay: \"5w\" is not seconds, or a number with s, m, h or d after it; 0 for never",
                "rekey_time=-1 | :2: ipsecif_ipsec0_rekey_time: rekey_time: \"-1\" is not seconds, or a number with s, m, h or d after it; 0 for never",
                "dpd_action=start | :2: ipsecif_ipsec0_dpd_action: dpd_action: \"start\" is not clear, hold or restart",
                "child_rekey_bytes=9999999t | :2: ipsecif_ipsec0_child_rekey_bytes: child_rekey_bytes: \"9999999t\" is not bytes, or a number with k, m, g or t after it; 0 for no limit",
                "child_rekey_packets=1.5 | :2: ipsecif_ipsec0_child_rekey_packets: child_rekey_packets: \"1.5\" is not packets, or a number with k, m, g or t after it; 0 for no limit",
                "child_rekey_time=366d | :2: ipsecif_ipsec0_child_rekey_time: child_rekey_time: \"366d\" is more than 365 days",
                "local_id=203.0.113.256 | :2: ipsecif_ipsec0_local_id: local_id: \"203.0.113.256\" is no address; expected ",
                "local_id=%any name | :2: ipsecif_ipsec0_local_id: local_id: \"%any name\" is no identity; expected ",
                "local_id= | :2: ipsecif_ipsec0_local_id: local_id: empty; expected ",
                "psk_file= | :2: ipsecif_ipsec0_psk_file: psk_file: empty; expected a file of secrets",
                "cert=, | :2: ipsecif_ipsec0_cert: cert: \",\" is not files of certificates, this end's own first",
                "key= | :2: ipsecif_ipsec0_key: key: empty; expected the file of a private key",
                "ike=aes128-sha256-modp1024 | :2: ipsecif_ipsec0_ike: ike: \"modp1024\" is not offered; take x25519, ecp256 or modp2048",
                "esp=aes128 | :2: ipsecif_ipsec0_esp: esp: \"aes128\" has no integrity algorithm; expected one such as sha256",
            })
    void wrongVariableIsNamedWithFileAndLine(String settings, String problem) {
        assertProblemBegins(in("rc.conf") + problem, () -> readRc(settings));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[interface b7]\\nkeying = ike | :2: [interface b7] keying: IKE has nothing to authenticate with; expected ",
                "[interface b7]\\nstart = trap | :1: [interface b7]: keying: IKE has nothing to authenticate with; expected ",
                "[interface b7]\\npsk_file = a\\nsa_file = b | :3: [interface b7] sa_file: manual SAs, but other words say ",
                "[defaults]\\nkeying = ike\\npsk_file = a\\n[interface b7]\\nsa_file = b | :5: [interface b7] sa_file: manual SAs",
                "adopt = ipsec*\\n[defaults]\\nkeying = ike | :3: [defaults] keying: IKE has nothing to authenticate with; expected ",
                "[defaults]\\nike = aes | :2: [defaults] ike: ike: \"aes\" has no key exchange; expected one such as x25519",
                "[interface b7]\\nkey = | :2: [interface b7] key: key: empty; expected the file of a private key",
            })
    void wrongKeyIsNamedWithFileLineAndSection(String conf, String problem) {
        assertProblemBegins(in("ipsecif.conf") + problem, () -> readIni(conf.replace("\\n", "\n")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "keying ike | keying: IKE has nothing to authenticate with; expected psk_file, or cert, key and cacert",
                "psk_file a.psk | psk_file: expected a file's name that begins with a '/'",
                "cert /etc/a.pem,b.pem | cert: expected a file's name that begins with a '/'",
                "psk_file | psk_file: expected a file of secrets after it",
                "key | key: expected the file of a private key after it",
                "start now | start: \"now\" is not start, trap or add",
            })
    void wrongWordOfACommandIsNamed(String words, String problem) {
        assertProblem(problem, () -> apply(NEW, words));
    }

    @Test
    void wordsOfAnEntryNeedNotBeCompleteBeforeItsVariables() throws Exception {
        Path rc = write("rc.conf", """
                create_args_ipsec0="dpd_delay 5s"
                ifconfig_ipsec0="tunnel 203.0.113.1 203.0.113.2 psk_file /etc/a.psk"
                """);
        IkeSettings ike = ike(ConfigurationReader.read(List.of(rc), null));
        assertEquals("/etc/a.psk", ike.credentials().pskFile());
        assertEquals(Duration.ofSeconds(5), ike.behaviour().dpdDelay());
    }
}

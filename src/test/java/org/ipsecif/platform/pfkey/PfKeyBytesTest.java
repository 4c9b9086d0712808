package org.ipsecif.platform.pfkey;

import static org.ipsecif.platform.pfkey.PfKeyRecords.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.pfkey.SadbAssociation.Amounts;
import org.ipsecif.platform.pfkey.SadbAssociation.State;
import org.ipsecif.platform.pfkey.SadbAssociation.UdpPorts;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every message, field by field against bytes written by hand, on both dialects. */
class PfKeyBytesTest {
    private static final int SEQUENCE = 7;
    private static final int PID = 4242;

    private static void assertSent(
            String expected, Dialect dialect, Request request, int satype, List<Extension> extensions) {
        PfKeyMessage message = new PfKeyMessage(PfKeyHeader.of(request.type(), satype, SEQUENCE, PID), extensions);
        assertEquals(expected.replace(" ", ""), PfKeyBytes.encode(dialect, message), () -> dialect + " " + request);
    }

    @Test
    void policiesToFreeBsd() {
        PolicyMessages policies = new PolicyMessages(Dialect.FREEBSD);
        Dialect to = Dialect.FREEBSD;
        assertSent(FreeBsdMessages.SPDADD, to, Request.SPDADD, 0, policies.add(PROTECT));
        assertSent(FreeBsdMessages.SPDUPDATE, to, Request.SPDUPDATE, 0, policies.add(PROTECT));
        assertSent(FreeBsdMessages.SPDADD_USE, to, Request.SPDADD, 0, policies.add(USE));
        assertSent(FreeBsdMessages.SPDADD_TRANSPORT, to, Request.SPDADD, 0, policies.add(TRANSPORT));
        assertSent(FreeBsdMessages.SPDADD_TWO, to, Request.SPDADD, 0, policies.add(TWO));
        assertSent(FreeBsdMessages.SPDADD_ADDRESSED, to, Request.SPDADD, 0, policies.add(ADDRESSED));
        assertSent(FreeBsdMessages.SPDADD_NONE, to, Request.SPDADD, 0, policies.add(outbound(PolicyAction.BYPASS)));
        assertSent(FreeBsdMessages.SPDADD_DISCARD, to, Request.SPDADD, 0, policies.add(outbound(PolicyAction.DISCARD)));
        assertSent(FreeBsdMessages.SPDDELETE, to, Request.SPDDELETE, 0, policies.delete(PolicyKey.of(PROTECT)));
        assertSent(FreeBsdMessages.SPDDELETE2, to, Request.SPDDELETE2, 0, PolicyMessages.number(42));
        assertSent(FreeBsdMessages.SPDGET, to, Request.SPDGET, 0, PolicyMessages.number(42));
        assertSent(FreeBsdMessages.SPDDUMP, to, Request.SPDDUMP, 0, List.of());
        assertSent(FreeBsdMessages.REGISTER, to, Request.REGISTER, 3, List.of());
    }

    @Test
    void policiesToLinux() {
        PolicyMessages policies = new PolicyMessages(Dialect.LINUX);
        Dialect to = Dialect.LINUX;
        assertSent(LinuxMessages.SPDADD, to, Request.SPDADD, 0, policies.add(PROTECT));
        assertSent(LinuxMessages.SPDUPDATE, to, Request.SPDUPDATE, 0, policies.add(PROTECT));
        assertSent(LinuxMessages.SPDADD_USE, to, Request.SPDADD, 0, policies.add(USE));
        assertSent(LinuxMessages.SPDADD_TRANSPORT, to, Request.SPDADD, 0, policies.add(TRANSPORT));
        assertSent(LinuxMessages.SPDADD_TWO, to, Request.SPDADD, 0, policies.add(TWO));
        assertSent(LinuxMessages.SPDADD_FORWARD, to, Request.SPDADD, 0, policies.add(FORWARD));
        assertSent(LinuxMessages.SPDADD_ICMP, to, Request.SPDADD, 0, policies.add(ICMP));
        assertSent(LinuxMessages.SPDADD_NONE, to, Request.SPDADD, 0, policies.add(outbound(PolicyAction.BYPASS)));
        assertSent(LinuxMessages.SPDADD_DISCARD, to, Request.SPDADD, 0, policies.add(outbound(PolicyAction.DISCARD)));
        assertSent(LinuxMessages.SPDDELETE, to, Request.SPDDELETE, 0, policies.delete(PolicyKey.of(PROTECT)));
        assertSent(LinuxMessages.SPDDELETE2, to, Request.SPDDELETE2, 0, PolicyMessages.number(42));
        assertSent(LinuxMessages.SPDGET, to, Request.SPDGET, 0, PolicyMessages.number(42));
        assertSent(LinuxMessages.SPDDUMP, to, Request.SPDDUMP, 0, List.of());
        assertSent(LinuxMessages.REGISTER, to, Request.REGISTER, 3, List.of());
    }

    @Test
    void associationsToFreeBsd() {
        AssociationMessages messages = new AssociationMessages(Dialect.FREEBSD);
        Dialect to = Dialect.FREEBSD;
        assertSent(FreeBsdMessages.ADD, to, Request.ADD, 3, messages.add(association(64)));
        assertSent(FreeBsdMessages.UPDATE, to, Request.UPDATE, 3, messages.update(changed(4096, null)));
        assertSent(FreeBsdMessages.UPDATE_LARVAL, to, Request.UPDATE, 3, messages.update(association(64)));
        assertSent(FreeBsdMessages.GET, to, Request.GET, 3, messages.name(ID));
        assertSent(FreeBsdMessages.DELETE, to, Request.DELETE, 3, messages.name(ID));
        assertSent(FreeBsdMessages.ADD6, to, Request.ADD, 3, messages.add(association6()));
        assertSent(FreeBsdMessages.GET6, to, Request.GET, 3, messages.name(ID6));
        assertSent(FreeBsdMessages.DELETE6, to, Request.DELETE, 3, messages.name(ID6));
        List<Extension> spi = messages.spi(LOCAL6, REMOTE6, IpsecMode.TUNNEL, 100, 0x100, 0xfff);
        assertSent(FreeBsdMessages.GETSPI, to, Request.GETSPI, 3, spi);
        assertSent(FreeBsdMessages.DUMP, to, Request.DUMP, 0, List.of());
    }

    @Test
    void associationsToLinux() {
        AssociationMessages messages = new AssociationMessages(Dialect.LINUX);
        Dialect to = Dialect.LINUX;
        assertSent(LinuxMessages.ADD, to, Request.ADD, 3, messages.add(association(32)));
        assertSent(LinuxMessages.UPDATE, to, Request.UPDATE, 3, messages.update(changed(0, key(0, 16))));
        assertSent(LinuxMessages.UPDATE_LARVAL, to, Request.UPDATE, 3, messages.update(association(32)));
        assertSent(LinuxMessages.GET, to, Request.GET, 3, messages.name(ID));
        assertSent(LinuxMessages.DELETE, to, Request.DELETE, 3, messages.name(ID));
        assertSent(LinuxMessages.ADD6, to, Request.ADD, 3, messages.add(association6()));
        assertSent(LinuxMessages.GET6, to, Request.GET, 3, messages.name(ID6));
        assertSent(LinuxMessages.DELETE6, to, Request.DELETE, 3, messages.name(ID6));
        List<Extension> spi = messages.spi(LOCAL6, REMOTE6, IpsecMode.TUNNEL, 100, 0x100, 0xfff);
        assertSent(LinuxMessages.GETSPI, to, Request.GETSPI, 3, spi);
        assertSent(LinuxMessages.DUMP, to, Request.DUMP, 0, List.of());
    }

    /** The names of what stands in the two files of bytes. */
    private static List<Field> messages(Class<?> bytes) {
        return Arrays.stream(bytes.getDeclaredFields())
                .filter(field -> field.getName().matches("(SPD|REGISTER|DUMP|ADD|UPDATE|GET|DELETE|ACQUIRE|EXPIRE).*"))
                .toList();
    }

    static List<String> all(Dialect dialect) {
        List<String> all = new ArrayList<>();
        try {
            for (Field field : messages(dialect == Dialect.FREEBSD ? FreeBsdMessages.class : LinuxMessages.class)) {
                all.add((String) field.get(null));
            }
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
        return all;
    }

    @TestFactory
    Stream<DynamicTest> readAndWrittenAgainEachIsTheSame() {
        return Stream.of(Dialect.values()).flatMap(dialect -> {
            List<String> all = all(dialect);
            assertTrue(all.size() > 20, all.size() + " messages");
            return all.stream()
                    .map(hex -> DynamicTest.dynamicTest(dialect + " " + hex.substring(0, 16), () -> {
                        PfKeyReader reader = PfKeyReader.withKeys(dialect);
                        PfKeyMessage message = reader.read(PfKeyBytes.of(hex));
                        assertEquals(Map.of(), reader.flaws());
                        assertNotNull(message);
                        assertEquals(hex.replace(" ", ""), PfKeyBytes.encode(dialect, message));
                    }));
        });
    }

    private static PfKeyMessage read(Dialect dialect, String hex) {
        return assertNotNullMessage(PfKeyReader.withKeys(dialect).read(PfKeyBytes.of(hex)));
    }

    private static PfKeyMessage assertNotNullMessage(@Nullable PfKeyMessage message) {
        if (message == null) {
            throw new AssertionError("no message");
        }
        return message;
    }

    private static InstalledPolicy policy(Dialect dialect, String hex) {
        return new PolicyMessages(dialect).read(read(dialect, hex));
    }

    @Test
    void dumpedPoliciesAreWhatWasInstalled() {
        for (String hex : List.of(FreeBsdMessages.SPDDUMP_REPLY, FreeBsdMessages.SPDADD_REPLY)) {
            assertEquals(InstalledPolicy.of(PROTECT).withNumber(42), policy(Dialect.FREEBSD, hex));
        }
        assertEquals(InstalledPolicy.of(PROTECT), policy(Dialect.FREEBSD, FreeBsdMessages.SPDUPDATE));
        assertEquals(InstalledPolicy.of(USE), policy(Dialect.FREEBSD, FreeBsdMessages.SPDADD_USE));
        assertEquals(InstalledPolicy.of(TRANSPORT), policy(Dialect.FREEBSD, FreeBsdMessages.SPDADD_TRANSPORT));
        assertEquals(InstalledPolicy.of(ADDRESSED), policy(Dialect.FREEBSD, FreeBsdMessages.SPDADD_ADDRESSED));
        assertEquals(InstalledPolicy.of(TWO), policy(Dialect.FREEBSD, FreeBsdMessages.SPDADD_TWO));
        assertEquals(
                InstalledPolicy.of(outbound(PolicyAction.BYPASS)),
                policy(Dialect.FREEBSD, FreeBsdMessages.SPDADD_NONE));
        assertEquals(
                InstalledPolicy.of(outbound(PolicyAction.DISCARD)),
                policy(Dialect.FREEBSD, FreeBsdMessages.SPDADD_DISCARD));
        for (String hex : List.of(
                LinuxMessages.SPDDUMP_REPLY,
                LinuxMessages.SPDADD_REPLY,
                LinuxMessages.SPDDELETE_BROADCAST,
                LinuxMessages.SPDDELETE2_BROADCAST)) {
            assertEquals(InstalledPolicy.of(PROTECT).withNumber(41), policy(Dialect.LINUX, hex));
        }
        assertEquals(InstalledPolicy.of(USE), policy(Dialect.LINUX, LinuxMessages.SPDADD_USE));
        assertEquals(InstalledPolicy.of(TRANSPORT), policy(Dialect.LINUX, LinuxMessages.SPDADD_TRANSPORT));
        assertEquals(InstalledPolicy.of(TWO), policy(Dialect.LINUX, LinuxMessages.SPDADD_TWO));
        assertEquals(InstalledPolicy.of(FORWARD), policy(Dialect.LINUX, LinuxMessages.SPDADD_FORWARD));
        assertEquals(InstalledPolicy.of(ICMP), policy(Dialect.LINUX, LinuxMessages.SPDADD_ICMP));
    }

    @Test
    void whatOurRecordsCannotSayIsReadAsSuch() {
        InstalledPolicy interfaces = policy(Dialect.FREEBSD, FreeBsdMessages.SPDDUMP_IFNET);
        assertEquals(new InstalledPolicy(null, null, java.util.Set.of(0x400a), 7), interfaces);
        InstalledPolicy limited = policy(Dialect.FREEBSD, FreeBsdMessages.SPDDUMP_LIMITED);
        assertEquals(new InstalledPolicy(PolicyKey.of(PROTECT), null, java.util.Set.of(), 42), limited);
        InstalledPolicy echoed = policy(Dialect.FREEBSD, FreeBsdMessages.SPDDELETE);
        assertEquals(new InstalledPolicy(PolicyKey.of(PROTECT), null, java.util.Set.of()), echoed);
        InstalledPolicy context = policy(Dialect.LINUX, LinuxMessages.SPDDUMP_CONTEXT);
        assertEquals(new InstalledPolicy(null, null, java.util.Set.of(), 41), context);
        String ah = FreeBsdMessages.SPDADD.replace("2800 3200", "2800 3300");
        assertEquals(
                new InstalledPolicy(PolicyKey.of(PROTECT), null, java.util.Set.of(100)), policy(Dialect.FREEBSD, ah));
        String hostBits = FreeBsdMessages.SPDADD.replace("0a010000", "0a010001");
        assertEquals(new InstalledPolicy(null, null, java.util.Set.of(100)), policy(Dialect.FREEBSD, hostBits));
    }

    @Test
    void associationsAreReadWithTheirKeys() {
        SadbAssociation expected = new SadbAssociation(
                ID,
                IpsecMode.TUNNEL,
                100,
                64,
                State.MATURE,
                association(64).keys(),
                new UdpPorts(4500, 61000),
                Amounts.NONE,
                Amounts.NONE,
                new Amounts(3, 1024, 0x654ffdd2L, 0x654ffdd3L));
        AssociationMessages freebsd = new AssociationMessages(Dialect.FREEBSD);
        assertEquals(expected, freebsd.read(read(Dialect.FREEBSD, FreeBsdMessages.DUMP_REPLY)));
        SadbAssociation linux =
                new AssociationMessages(Dialect.LINUX).read(read(Dialect.LINUX, LinuxMessages.DUMP_REPLY));
        assertNotNull(linux);
        assertEquals(32, linux.replayWindow());
        assertEquals(expected.keys(), linux.keys());
        assertEquals(expected.current(), linux.current());
        SadbAssociation wide = freebsd.read(read(Dialect.FREEBSD, FreeBsdMessages.UPDATE));
        assertNotNull(wide);
        assertEquals(4096, wide.replayWindow());
    }

    @Test
    void noTextHasAKeyAndClosedOnesAreGone() {
        SadbAssociation association = association(64);
        PfKeyMessage message = read(Dialect.FREEBSD, FreeBsdMessages.ADD);
        for (String text : List.of(association.toString(), message.toString())) {
            assertFalse(text.contains("00010203") || text.contains("0, 1, 2, 3") || text.contains("10111213"), text);
            assertTrue(text.contains("128 bits"), text);
        }
        KeyBytes secret = association.keys().encryptionKey();
        assertNotNull(secret);
        association.close();
        assertEquals("00".repeat(16), HexFormat.of().formatHex(secret.copy()));
        message.wipe();
        Extension.Key read = message.find(Extension.Key.class, Sadb.SADB_EXT_KEY_AUTH);
        assertNotNull(read);
        assertEquals("00".repeat(32), HexFormat.of().formatHex(read.key().copy()));
    }

    @Test
    void readerWithoutKeysKeepsNone() {
        PfKeyMessage message = PfKeyReader.withoutKeys(Dialect.LINUX).read(PfKeyBytes.of(LinuxMessages.DUMP_REPLY));
        assertNotNull(message);
        assertFalse(message.has(Sadb.SADB_EXT_KEY_AUTH) || message.has(Sadb.SADB_EXT_KEY_ENCRYPT));
        assertTrue(message.has(Sadb.SADB_X_EXT_SA2));
    }

    @Test
    void nobodyCanAskForAFlush() {
        for (Request request : Request.values()) {
            assertFalse(List.of(Sadb.SADB_FLUSH, Sadb.SADB_X_SPDFLUSH).contains(request.type()), request.words());
        }
        for (int type : new int[] {Sadb.SADB_FLUSH, Sadb.SADB_X_SPDFLUSH}) {
            PfKeyMessage flush = new PfKeyMessage(PfKeyHeader.of(type, 0, SEQUENCE, PID), List.of());
            assertThrows(IllegalArgumentException.class, () -> PfKeyBytes.encode(Dialect.FREEBSD, flush));
        }
    }
}

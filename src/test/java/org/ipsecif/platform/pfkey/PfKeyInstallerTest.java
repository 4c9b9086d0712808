package org.ipsecif.platform.pfkey;

import static org.ipsecif.platform.pfkey.ScriptedKernel.refusal;
import static org.ipsecif.platform.pfkey.ScriptedKernel.with;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.PolicyChange;
import org.ipsecif.platform.PolicyChange.Install;
import org.ipsecif.platform.PolicyChange.Remove;
import org.ipsecif.platform.PolicyChange.Update;
import org.ipsecif.platform.PolicyInstaller.Outcome;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.junit.jupiter.api.Test;

/** Requests and their answers: which answer is whose, what is lost, and where a dump ends. */
class PfKeyInstallerTest {
    private static final int EEXIST = 17;
    private static final int EINVAL = 22;
    private static final int ENOENT = 2;
    private static final int SOMEBODY = 999;

    private final ScriptedKernel freebsd = new ScriptedKernel(Dialect.FREEBSD);
    private final ScriptedKernel linux = new ScriptedKernel(Dialect.LINUX);
    private final SecurityPolicy policy = policy();

    private static SecurityPolicy policy() {
        PfKeyMessage message =
                PfKeyReader.withoutKeys(Dialect.FREEBSD).read(PfKeyBytes.of(FreeBsdMessages.SPDDUMP_REPLY));
        if (message == null) {
            throw new AssertionError();
        }
        SecurityPolicy policy =
                new PolicyMessages(Dialect.FREEBSD).read(message).policy();
        if (policy == null) {
            throw new AssertionError();
        }
        return policy;
    }

    private static PfKeyPolicyInstaller installer(ScriptedKernel kernel) throws ErrnoException {
        return new PfKeyPolicyInstaller(kernel.posix(), kernel.dialect);
    }

    private static Outcome apply(ScriptedKernel kernel, PolicyChange change) throws ErrnoException {
        try (PfKeyPolicyInstaller installer = installer(kernel)) {
            return installer.apply(List.of(change)).get(0);
        }
    }

    @Test
    void eachChangeIsItsOwnMessage() throws ErrnoException {
        freebsd.answers = header -> List.of(refusal(header, 0));
        try (PfKeyPolicyInstaller installer = installer(freebsd)) {
            List<PolicyChange> changes =
                    List.of(new Install(policy), new Update(policy), new Remove(PolicyKey.of(policy)));
            assertTrue(installer.apply(changes).stream().allMatch(Outcome::done));
            assertEquals(ScriptedKernel.PID, installer.origin());
        }
        List<Integer> types =
                freebsd.written.stream().map(each -> (int) each[1]).toList();
        assertEquals(List.of(Sadb.SADB_X_SPDADD, Sadb.SADB_X_SPDUPDATE, Sadb.SADB_X_SPDDELETE), types);
        assertEquals(1, freebsd.closed);
    }

    @Test
    void onlyTheAnswerToThisRequestCounts() throws ErrnoException {
        freebsd.answers = header -> List.of(
                with(FreeBsdMessages.SPDADD_REPLY, header.sequence(), SOMEBODY, 0),
                with(FreeBsdMessages.SPDADD_REPLY, header.sequence() + 1, ScriptedKernel.PID, 0),
                with(FreeBsdMessages.SPDUPDATE, header.sequence(), ScriptedKernel.PID, 0),
                "0203",
                with(FreeBsdMessages.SPDADD, header.sequence(), ScriptedKernel.PID, EEXIST));
        Outcome outcome = apply(freebsd, new Install(policy));
        assertEquals(EEXIST, outcome.errno());
        assertEquals("error 17", outcome.reason());
    }

    @Test
    void answerHasTheNumberOfWhatWasMade() throws ErrnoException {
        freebsd.answers =
                header -> List.of(with(FreeBsdMessages.SPDADD_REPLY, header.sequence(), ScriptedKernel.PID, 0));
        assertEquals(42, apply(freebsd, new Install(policy)).number());
        freebsd.answers = header -> List.of(refusal(header, 0));
        assertEquals(0, apply(freebsd, new Remove(PolicyKey.of(policy))).number());
    }

    @Test
    void errorOfTheWriteIsTheOutcome() throws ErrnoException {
        freebsd.writeErrno = EINVAL;
        assertEquals(EINVAL, apply(freebsd, new Install(policy)).errno());
    }

    @Test
    void whatPfKeyCannotSayIsNotSent() throws ErrnoException {
        SecurityPolicy scoped = new SecurityPolicy(
                "p",
                policy.direction(),
                policy.selector(),
                policy.action(),
                policy.transforms(),
                1,
                new PolicyScope.IfId(7));
        linux.answers = header -> List.of(refusal(header, 0));
        try (PfKeyPolicyInstaller installer = installer(linux)) {
            List<Outcome> outcomes = installer.apply(List.of(new Install(scoped), new Install(policy)));
            assertEquals(EINVAL, outcomes.get(0).errno());
            assertTrue(
                    outcomes.get(0).reason().contains("none for if_id 0x7"),
                    outcomes.get(0).reason());
            assertTrue(outcomes.get(1).done());
        }
        assertEquals(1, linux.written.size());
    }

    @Test
    void freeBsdsWordForNoSuchEntryIsTranslated() throws ErrnoException {
        freebsd.answers = header -> List.of(refusal(header, EINVAL));
        linux.answers = freebsd.answers;
        assertEquals(ENOENT, apply(freebsd, new Remove(PolicyKey.of(policy))).errno());
        assertEquals(EINVAL, apply(linux, new Remove(PolicyKey.of(policy))).errno());
        assertEquals(EINVAL, apply(freebsd, new Install(policy)).errno());
    }

    @Test
    void lostAnswersAreRecoveredByDump() throws ErrnoException {
        freebsd.answers = header -> header.type() == Sadb.SADB_X_SPDDUMP
                ? List.of(with(FreeBsdMessages.SPDDUMP_REPLY, 0, ScriptedKernel.PID, 0))
                : List.of();
        Remove remove = new Remove(PolicyKey.of(policy));
        assertTrue(apply(freebsd, new Update(policy)).done());
        assertEquals(Dialect.FREEBSD.noBuffers(), apply(freebsd, remove).errno());
        Remove numbered = new Remove(PolicyKey.of(policy), 42);
        assertEquals(Dialect.FREEBSD.noBuffers(), apply(freebsd, numbered).errno());
        assertTrue(apply(freebsd, new Remove(PolicyKey.of(policy), 41)).done()); // another is there
        Outcome install = apply(freebsd, new Install(policy));
        assertEquals(Dialect.FREEBSD.noBuffers(), install.errno());
        assertEquals("error 55 (answer lost)", install.reason());
        freebsd.answers = header -> header.type() == Sadb.SADB_X_SPDDUMP ? List.of(refusal(header, ENOENT)) : List.of();
        assertTrue(apply(freebsd, remove).done());
        assertTrue(apply(freebsd, new Remove(PolicyKey.of(policy), 42)).done());
        assertFalse(apply(freebsd, new Update(policy)).done());
    }

    @Test
    void whatCameBeforeIsPassedOver() throws ErrnoException {
        try (PfKeyPolicyInstaller installer = installer(freebsd)) {
            ScriptedKernel.Socket socket = freebsd.sockets.get(0);
            socket.say(with(FreeBsdMessages.SPDDUMP_REPLY, 0, ScriptedKernel.PID, 0));
            socket.fail(Dialect.FREEBSD.noBuffers());
            socket.say(with(FreeBsdMessages.SPDDUMP_REPLY, 0, ScriptedKernel.PID, 0));
            freebsd.answers = header -> List.of(refusal(header, ENOENT));
            assertEquals(List.of(), installer.dump());
        }
    }

    private static String entry(String hex, int sequence) {
        return with(hex, sequence, ScriptedKernel.PID, 0);
    }

    @Test
    void freeBsdsDumpCountsDown() throws ErrnoException {
        String reply = FreeBsdMessages.SPDDUMP_REPLY;
        freebsd.answers = header -> List.of(
                entry(FreeBsdMessages.SPDDUMP_IFNET, 2),
                with(reply, 1, SOMEBODY, 0),
                entry(reply, 1),
                with(FreeBsdMessages.SPDADD, 0, ScriptedKernel.PID, 0),
                entry(FreeBsdMessages.SPDDUMP_LIMITED, 0));
        try (PfKeyPolicyInstaller installer = installer(freebsd)) {
            assertEquals(
                    List.of(
                            new InstalledPolicy(null, null, Set.of(0x400a), 7),
                            InstalledPolicy.of(policy).withNumber(42),
                            new InstalledPolicy(PolicyKey.of(policy), null, Set.of(), 42)),
                    installer.dump());
        }
    }

    @Test
    void linuxsDumpEndsWith0() throws ErrnoException {
        String reply = LinuxMessages.SPDDUMP_REPLY;
        linux.answers = header -> List.of(entry(reply, 1), entry(LinuxMessages.SPDDUMP_CONTEXT, 2), entry(reply, 0));
        try (PfKeyPolicyInstaller installer = installer(linux)) {
            assertEquals(
                    List.of(
                            InstalledPolicy.of(policy).withNumber(41),
                            new InstalledPolicy(null, null, Set.of(), 41),
                            InstalledPolicy.of(policy).withNumber(41)),
                    installer.dump());
        }
    }

    @Test
    void dumpWithAGapIsAskedForAgain() throws ErrnoException {
        int[] asked = {0};
        freebsd.answers = header -> ++asked[0] < 3
                ? List.of(entry(FreeBsdMessages.SPDDUMP_REPLY, 3), entry(FreeBsdMessages.SPDDUMP_REPLY, asked[0] - 1))
                : List.of(entry(FreeBsdMessages.SPDDUMP_REPLY, 0));
        try (PfKeyPolicyInstaller installer = installer(freebsd)) {
            assertEquals(1, installer.dump().size());
        }
        assertEquals(3, asked[0]);
    }

    @Test
    void dumpThatNeverEndsIsAnError() throws ErrnoException {
        linux.answers = header -> List.of(entry(LinuxMessages.SPDDUMP_REPLY, 1));
        try (PfKeyPolicyInstaller installer = installer(linux)) {
            ErrnoException lost = assertThrows(ErrnoException.class, installer::dump);
            assertEquals(Dialect.LINUX.noBuffers(), lost.errno());
            assertEquals("SADB_X_SPDDUMP: error 105 (answer lost)", lost.getMessage());
        }
        assertEquals(4, linux.written.size());
    }

    /** pfkey_do_dump puts a negative number into an unsigned byte. */
    @Test
    void dumpThatLinuxBreaksOffIsAnError() throws ErrnoException {
        linux.answers = header -> List.of(with(LinuxMessages.SPDDUMP_REPLY, 0, ScriptedKernel.PID, 256 - EINVAL));
        try (PfKeyPolicyInstaller installer = installer(linux)) {
            assertEquals(
                    EINVAL, assertThrows(ErrnoException.class, installer::dump).errno());
        }
    }

    @Test
    void entryThatCannotBeReadDoesNotEndADump() throws ErrnoException {
        String broken = FreeBsdMessages.SPDDUMP_REPLY.replace("2800 3200", "2900 3200");
        freebsd.answers = header -> List.of(entry(broken, 1), entry(FreeBsdMessages.SPDDUMP_REPLY, 0));
        try (PfKeyPolicyInstaller installer = installer(freebsd)) {
            assertEquals(
                    List.of(
                            new InstalledPolicy(null, null, Set.of()),
                            InstalledPolicy.of(policy).withNumber(42)),
                    installer.dump());
        }
    }

    @Test
    void kernelWithoutPfKeyIsTold() {
        linux.socketErrno = 97;
        ErrnoException absent = assertThrows(ErrnoException.class, () -> installer(linux));
        assertTrue(Dialect.LINUX.saysAbsent(absent.errno()));
        assertEquals("socket PF_KEY: error 97", absent.getMessage());
        assertTrue(Stream.of(43, 47).allMatch(Dialect.FREEBSD::saysAbsent));
        assertFalse(Dialect.FREEBSD.saysAbsent(1));
    }

    @Test
    void keysAreGoneFromTheMemoryOfSystemCalls() throws ErrnoException {
        AssociationMessages messages = new AssociationMessages(Dialect.FREEBSD);
        PfKeyMessage add = PfKeyReader.withKeys(Dialect.FREEBSD).read(PfKeyBytes.of(FreeBsdMessages.ADD));
        SadbAssociation association = add == null ? null : messages.read(add);
        if (association == null) {
            throw new AssertionError();
        }
        try (SadbClient client = new SadbClient(freebsd.posix(), Dialect.FREEBSD)) {
            freebsd.answers = header -> List.of(refusal(header, 0));
            client.add(association);
            assertArrayEquals(new byte[512], freebsd.sockets.get(0).memory(512));
            freebsd.answers = header -> List.of(with(FreeBsdMessages.DUMP_REPLY, 0, ScriptedKernel.PID, 0));
            List<SadbAssociation> all = client.dump();
            assertEquals(association.keys(), all.get(0).keys());
            assertArrayEquals(new byte[512], freebsd.sockets.get(0).memory(512));
        }
    }

    @Test
    void associationsAreAskedForByName() throws ErrnoException {
        try (SadbClient client = new SadbClient(linux.posix(), Dialect.LINUX)) {
            IpAddress local = IpAddress.parse("203.0.113.1");
            IpAddress remote = IpAddress.parse("198.51.100.2");
            SadbAssociation.Id id = new SadbAssociation.Id(50, local, remote, 0x12345);
            String get = LinuxMessages.DUMP_REPLY.replaceFirst("02 0a", "02 05");
            linux.answers = header -> List.of(with(get, header.sequence(), ScriptedKernel.PID, 0));
            assertEquals(id, client.get(id).id());
            String spi = LinuxMessages.GET.replaceFirst("02 05", "02 01");
            linux.answers = header -> List.of(with(spi, header.sequence(), ScriptedKernel.PID, 0));
            assertEquals(0x12345, client.getSpi(50, local, remote, IpsecMode.TUNNEL, 7, 256, 0xffffff));
            linux.answers = header -> List.of(with(LinuxMessages.REGISTER_REPLY, header.sequence(), header.pid(), 0));
            assertEquals(new SadbClient.Supported(List.of(5), List.of(12)), client.register());
            linux.answers = header -> List.of(refusal(header, 3));
            ErrnoException none = assertThrows(ErrnoException.class, () -> client.delete(id));
            assertEquals("SADB_DELETE protocol 50 SPI 0x00012345 for 198.51.100.2: error 3", none.getMessage());
        }
    }
}

package org.ipsecif.platform.pfkey;

import static org.ipsecif.platform.pfkey.PfKeyRecords.*;
import static org.ipsecif.platform.pfkey.ScriptedKernel.refusal;
import static org.ipsecif.platform.pfkey.ScriptedKernel.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.PolicyChange;
import org.ipsecif.platform.PolicyChange.Install;
import org.ipsecif.platform.PolicyChange.Remove;
import org.ipsecif.platform.PolicyChange.Update;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyKey;
import org.junit.jupiter.api.Test;

/** Whoever asks the kernel writes the bytes written by hand, every one of them: only the sequence is its own. */
class PfKeyWrittenTest {
    private static final int ENOENT = 2;
    private static final int SEQUENCE_AT = 8;

    private final ScriptedKernel freebsd = kernel(Dialect.FREEBSD);
    private final ScriptedKernel linux = kernel(Dialect.LINUX);

    /** It carries out everything, and has nothing. */
    private static ScriptedKernel kernel(Dialect dialect) {
        ScriptedKernel kernel = new ScriptedKernel(dialect);
        kernel.answers = header -> List.of(answer(dialect, header));
        return kernel;
    }

    private static String answer(Dialect dialect, PfKeyHeader header) {
        boolean isFreeBsd = dialect == Dialect.FREEBSD;
        String association = isFreeBsd ? FreeBsdMessages.DUMP_REPLY : LinuxMessages.DUMP_REPLY;
        String policy = isFreeBsd ? FreeBsdMessages.SPDDUMP_REPLY : LinuxMessages.SPDDUMP_REPLY;
        return switch (header.type()) {
            case Sadb.SADB_X_SPDDUMP, Sadb.SADB_DUMP -> refusal(header, ENOENT);
            case Sadb.SADB_X_SPDGET -> answer(policy, header);
            case Sadb.SADB_GET, Sadb.SADB_GETSPI -> answer(association, header);
            default -> refusal(header, 0);
        };
    }

    private static String answer(String hex, PfKeyHeader header) {
        return with(hex, header.sequence(), header.pid(), 0)
                .replaceFirst("^02..", String.format("02%02x", header.type()));
    }

    private static void assertWritten(ScriptedKernel kernel, String... expected) {
        List<String> written = new ArrayList<>();
        Set<Integer> sequences = new HashSet<>();
        for (byte[] each : kernel.written) {
            ByteBuffer bytes = ByteBuffer.wrap(each).order(ByteOrder.LITTLE_ENDIAN);
            int sequence = bytes.getInt(SEQUENCE_AT);
            assertTrue(sequence > 0x4000_0000, "the kernels count their own from 1");
            assertTrue(sequences.add(sequence), "two requests of one sequence");
            written.add(PfKeyBytes.hex(bytes.putInt(SEQUENCE_AT, 7)));
        }
        assertEquals(
                List.of(expected).stream().map(each -> each.replace(" ", "")).toList(), written);
    }

    private static void change(ScriptedKernel kernel, PolicyChange... changes) throws ErrnoException {
        try (PfKeyPolicyInstaller installer = new PfKeyPolicyInstaller(kernel.posix(), kernel.dialect)) {
            installer.apply(List.of(changes)).forEach(each -> assertTrue(each.done(), each.reason()));
        }
    }

    @Test
    void changesOfPoliciesOnFreeBsd() throws ErrnoException {
        change(
                freebsd,
                new Install(PROTECT),
                new Update(PROTECT),
                new Remove(PolicyKey.of(PROTECT)),
                new Remove(PolicyKey.of(PROTECT), 42),
                new Install(USE),
                new Install(TRANSPORT),
                new Install(ADDRESSED),
                new Install(TWO),
                new Install(outbound(PolicyAction.BYPASS)),
                new Install(outbound(PolicyAction.DISCARD)));
        assertWritten(
                freebsd,
                FreeBsdMessages.SPDADD,
                FreeBsdMessages.SPDUPDATE,
                FreeBsdMessages.SPDDELETE,
                FreeBsdMessages.SPDDELETE2,
                FreeBsdMessages.SPDADD_USE,
                FreeBsdMessages.SPDADD_TRANSPORT,
                FreeBsdMessages.SPDADD_ADDRESSED,
                FreeBsdMessages.SPDADD_TWO,
                FreeBsdMessages.SPDADD_NONE,
                FreeBsdMessages.SPDADD_DISCARD);
    }

    @Test
    void changesOfPoliciesOnLinux() throws ErrnoException {
        change(
                linux,
                new Install(PROTECT),
                new Update(PROTECT),
                new Remove(PolicyKey.of(PROTECT)),
                new Remove(PolicyKey.of(PROTECT), 42),
                new Install(USE),
                new Install(TRANSPORT),
                new Install(TWO),
                new Install(FORWARD),
                new Install(ICMP),
                new Install(outbound(PolicyAction.BYPASS)),
                new Install(outbound(PolicyAction.DISCARD)));
        assertWritten(
                linux,
                LinuxMessages.SPDADD,
                LinuxMessages.SPDUPDATE,
                LinuxMessages.SPDDELETE,
                LinuxMessages.SPDDELETE2,
                LinuxMessages.SPDADD_USE,
                LinuxMessages.SPDADD_TRANSPORT,
                LinuxMessages.SPDADD_TWO,
                LinuxMessages.SPDADD_FORWARD,
                LinuxMessages.SPDADD_ICMP,
                LinuxMessages.SPDADD_NONE,
                LinuxMessages.SPDADD_DISCARD);
    }

    @Test
    void dumpOfPolicies() throws ErrnoException {
        for (ScriptedKernel kernel : List.of(freebsd, linux)) {
            try (PfKeyPolicyInstaller installer = new PfKeyPolicyInstaller(kernel.posix(), kernel.dialect)) {
                assertEquals(List.of(), installer.dump());
            }
        }
        assertWritten(freebsd, FreeBsdMessages.SPDDUMP);
        assertWritten(linux, LinuxMessages.SPDDUMP);
    }

    private static void manage(ScriptedKernel kernel, SadbAssociation association, SadbAssociation changed)
            throws ErrnoException {
        try (SadbClient client = new SadbClient(kernel.posix(), kernel.dialect)) {
            client.register();
            client.getSpi(50, LOCAL6, REMOTE6, IpsecMode.TUNNEL, 100, 0x100, 0xfff);
            client.add(association);
            client.update(association);
            client.update(changed);
            client.get(ID);
            client.delete(ID);
            client.add(association6());
            client.get(ID6);
            client.delete(ID6);
            assertEquals(List.of(), client.dump());
        }
    }

    @Test
    void associationsOnFreeBsd() throws ErrnoException {
        manage(freebsd, association(64), changed(4096, null));
        assertWritten(
                freebsd,
                FreeBsdMessages.REGISTER,
                FreeBsdMessages.GETSPI,
                FreeBsdMessages.ADD,
                FreeBsdMessages.UPDATE_LARVAL,
                FreeBsdMessages.UPDATE,
                FreeBsdMessages.GET,
                FreeBsdMessages.DELETE,
                FreeBsdMessages.ADD6,
                FreeBsdMessages.GET6,
                FreeBsdMessages.DELETE6,
                FreeBsdMessages.DUMP);
    }

    @Test
    void associationsOnLinux() throws ErrnoException {
        manage(linux, association(32), changed(0, key(0, 16)));
        assertWritten(
                linux,
                LinuxMessages.REGISTER,
                LinuxMessages.GETSPI,
                LinuxMessages.ADD,
                LinuxMessages.UPDATE_LARVAL,
                LinuxMessages.UPDATE,
                LinuxMessages.GET,
                LinuxMessages.DELETE,
                LinuxMessages.ADD6,
                LinuxMessages.GET6,
                LinuxMessages.DELETE6,
                LinuxMessages.DUMP);
    }

    /** It registers, and asks for the entry that a wanted association is of. */
    private static void monitor(ScriptedKernel kernel, String acquire) throws ErrnoException {
        try (PfKeyMonitor monitor = new PfKeyMonitor(kernel.posix(), kernel.dialect, 1 << 20)) {
            kernel.sockets.get(0).say(acquire);
            assertTrue(monitor.receive(event -> {}) > 0);
        }
    }

    @Test
    void monitorsOnBoth() throws ErrnoException {
        monitor(freebsd, FreeBsdMessages.ACQUIRE);
        assertWritten(freebsd, FreeBsdMessages.REGISTER, FreeBsdMessages.SPDGET);
        monitor(linux, LinuxMessages.ACQUIRE.replace("29000000", "2a000000"));
        assertWritten(linux, LinuxMessages.REGISTER, LinuxMessages.SPDGET);
    }
}

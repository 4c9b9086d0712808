package org.ipsecif.platform.pfkey;

import static org.ipsecif.platform.pfkey.ScriptedKernel.refusal;
import static org.ipsecif.platform.pfkey.ScriptedKernel.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.KernelEvent;
import org.ipsecif.platform.KernelEvent.Change;
import org.ipsecif.platform.KernelEvent.Lost;
import org.ipsecif.platform.KernelEvent.PoliciesFlushed;
import org.ipsecif.platform.KernelEvent.PolicyChanged;
import org.ipsecif.platform.KernelEvent.SaChanged;
import org.ipsecif.platform.KernelEvent.SasFlushed;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.PolicyKey;
import org.junit.jupiter.api.Test;

/** What the kernel tells of others' changes, in both dialects. */
class PfKeyMonitorTest {
    private static final int SOMEBODY = 999;
    private static final int SPI = 0x12345;
    private static final IpAddress LOCAL = IpAddress.parse("203.0.113.1");
    private static final IpAddress REMOTE = IpAddress.parse("198.51.100.2");

    private static ScriptedKernel kernel(Dialect dialect) {
        ScriptedKernel kernel = new ScriptedKernel(dialect);
        kernel.answers = header -> header.type() == Sadb.SADB_REGISTER ? List.of(refusal(header, 0)) : List.of();
        return kernel;
    }

    private static PfKeyMonitor monitor(ScriptedKernel kernel) throws ErrnoException {
        return new PfKeyMonitor(kernel.posix(), kernel.dialect, 1 << 20);
    }

    private static InstalledPolicy policy(Dialect dialect, String hex) {
        PfKeyMessage message = PfKeyReader.withoutKeys(dialect).read(PfKeyBytes.of(hex));
        if (message == null) {
            throw new AssertionError(hex);
        }
        return new PolicyMessages(dialect).read(message);
    }

    private static List<KernelEvent> events(Dialect dialect, String hex) throws ErrnoException {
        ScriptedKernel kernel = kernel(dialect);
        List<KernelEvent> events = new ArrayList<>();
        try (PfKeyMonitor monitor = monitor(kernel)) {
            kernel.answers = header -> header.type() == Sadb.SADB_X_SPDGET
                    ? List.of(with(
                            (dialect == Dialect.FREEBSD ? FreeBsdMessages.SPDDUMP_REPLY : LinuxMessages.SPDDUMP_REPLY)
                                    .replaceFirst("02 12", "02 10"),
                            header.sequence(),
                            header.pid(),
                            0))
                    : List.of();
            kernel.sockets.get(0).say(hex);
            assertTrue(monitor.receive(events::add) > 0);
            assertEquals(PacketChannel.NOTHING, monitor.receive(events::add));
        }
        assertEquals(2, kernel.closed);
        return events;
    }

    private static String told(String hex, int type) {
        return with(hex, 9, SOMEBODY, 0).replaceFirst("^02..", String.format("02%02x", type));
    }

    @Test
    void policies() throws ErrnoException {
        for (Dialect dialect : Dialect.values()) {
            String reply = dialect == Dialect.FREEBSD ? FreeBsdMessages.SPDADD_REPLY : LinuxMessages.SPDADD_REPLY;
            InstalledPolicy policy = policy(dialect, reply);
            assertEquals(List.of(new PolicyChanged(SOMEBODY, Change.ADDED, policy)), events(dialect, told(reply, 14)));
            assertEquals(
                    List.of(new PolicyChanged(SOMEBODY, Change.UPDATED, policy)), events(dialect, told(reply, 13)));
            assertEquals(List.of(new PolicyChanged(0, Change.EXPIRED, policy)), events(dialect, told(reply, 21)));
            assertEquals(
                    List.of(new PoliciesFlushed(SOMEBODY)),
                    events(dialect, told(FreeBsdMessages.SPDDUMP, Sadb.SADB_X_SPDFLUSH)));
        }
    }

    @Test
    void removedPolicies() throws ErrnoException {
        PolicyKey key = policy(Dialect.FREEBSD, FreeBsdMessages.SPDADD_REPLY).key();
        InstalledPolicy named = new InstalledPolicy(key, null, Set.of());
        assertEquals(
                List.of(new PolicyChanged(SOMEBODY, Change.REMOVED, named)),
                events(Dialect.FREEBSD, with(FreeBsdMessages.SPDDELETE, 9, SOMEBODY, 0)));
        InstalledPolicy whole = policy(Dialect.LINUX, LinuxMessages.SPDADD_REPLY);
        for (String hex : List.of(LinuxMessages.SPDDELETE_BROADCAST, LinuxMessages.SPDDELETE2_BROADCAST)) {
            assertEquals(List.of(new PolicyChanged(SOMEBODY, Change.REMOVED, whole)), events(Dialect.LINUX, hex));
        }
    }

    @Test
    void policyRemovedByNumber() throws ErrnoException {
        InstalledPolicy nameless = new InstalledPolicy(null, null, Set.of(), 42);
        assertEquals(
                List.of(new PolicyChanged(SOMEBODY, Change.REMOVED, nameless)),
                events(Dialect.FREEBSD, FreeBsdMessages.SPDDELETE2_BROADCAST));
    }

    @Test
    void associations() throws ErrnoException {
        assertEquals(
                List.of(new SaChanged(SOMEBODY, Change.ADDED, REMOTE, SPI, 50)),
                events(Dialect.FREEBSD, with(FreeBsdMessages.ADD, 9, SOMEBODY, 0)));
        assertEquals(
                List.of(new SaChanged(SOMEBODY, Change.UPDATED, REMOTE, SPI, 50)),
                events(Dialect.LINUX, with(LinuxMessages.UPDATE, 9, SOMEBODY, 0)));
        assertEquals(
                List.of(new SaChanged(SOMEBODY, Change.REMOVED, REMOTE, SPI, 50)),
                events(Dialect.LINUX, with(LinuxMessages.DELETE, 9, SOMEBODY, 0)));
        assertEquals(
                List.of(new SaChanged(0, Change.EXPIRING, REMOTE, SPI, 50)),
                events(Dialect.FREEBSD, FreeBsdMessages.EXPIRE));
        assertEquals(
                List.of(new SaChanged(0, Change.EXPIRED, REMOTE, SPI, 50)),
                events(Dialect.LINUX, LinuxMessages.EXPIRE));
        assertEquals(
                List.of(new SasFlushed(SOMEBODY)), events(Dialect.LINUX, told(LinuxMessages.SPDDUMP, Sadb.SADB_FLUSH)));
        String all = "02 04 00 03 0800 0000 09000000 e7030000"
                + FreeBsdMessages.NAMED.replace(" ", "").substring(32);
        assertEquals(List.of(new Lost()), events(Dialect.FREEBSD, all));
    }

    @Test
    void wantedAssociationBringsItsPolicy() throws ErrnoException {
        for (Dialect dialect : Dialect.values()) {
            String acquire = dialect == Dialect.FREEBSD ? FreeBsdMessages.ACQUIRE : LinuxMessages.ACQUIRE;
            String entry = dialect == Dialect.FREEBSD ? FreeBsdMessages.SPDADD_REPLY : LinuxMessages.SPDADD_REPLY;
            assertEquals(
                    List.of(new KernelEvent.Acquire(5, LOCAL, REMOTE, policy(dialect, entry))),
                    events(dialect, acquire));
        }
    }

    @Test
    void wantedAssociationOfAPolicyThatIsGone() throws ErrnoException {
        ScriptedKernel kernel = kernel(Dialect.FREEBSD);
        List<KernelEvent> events = new ArrayList<>();
        try (PfKeyMonitor monitor = monitor(kernel)) {
            kernel.answers = header -> List.of(refusal(header, 2));
            kernel.sockets.get(0).say(FreeBsdMessages.ACQUIRE);
            monitor.receive(events::add);
        }
        InstalledPolicy gone = new InstalledPolicy(null, null, Set.of(100));
        assertEquals(List.of(new KernelEvent.Acquire(5, LOCAL, REMOTE, gone)), events);
    }

    @Test
    void answersAndRefusalsAreNoEvents() throws ErrnoException {
        for (String hex : List.of(
                FreeBsdMessages.SPDDUMP_REPLY,
                FreeBsdMessages.DUMP_REPLY,
                FreeBsdMessages.REGISTER_REPLY,
                FreeBsdMessages.GETSPI,
                FreeBsdMessages.GET,
                with(FreeBsdMessages.SPDADD, 9, SOMEBODY, 17))) {
            assertEquals(List.of(), events(Dialect.FREEBSD, hex));
        }
    }

    @Test
    void whatCannotBeReadMayHaveBeenAnything() throws ErrnoException {
        ScriptedKernel kernel = kernel(Dialect.LINUX);
        List<KernelEvent> events = new ArrayList<>();
        try (PfKeyMonitor monitor = monitor(kernel)) {
            kernel.sockets.get(0).say("020e");
            monitor.receive(events::add);
            assertEquals(java.util.Map.of(Flaw.SHORT, 1L), monitor.flaws());
        }
        assertEquals(List.of(new Lost()), events);
    }

    @Test
    void freeBsdSaysThatEventsAreLost() throws ErrnoException {
        ScriptedKernel kernel = kernel(Dialect.FREEBSD);
        List<KernelEvent> events = new ArrayList<>();
        try (PfKeyMonitor monitor = monitor(kernel)) {
            kernel.sockets.get(0).fail(Dialect.FREEBSD.noBuffers());
            assertEquals(1, monitor.receive(events::add));
            kernel.sockets.get(0).fail(9);
            assertEquals(PacketChannel.GONE, monitor.receive(events::add));
        }
        assertEquals(List.of(new Lost()), events);
    }

    /** A message is dropped while more memory is in use than may be; when that ends, all that was dropped is past. */
    @Test
    void linuxDropsInSilenceWhichIsNoticed() throws ErrnoException {
        ScriptedKernel kernel = kernel(Dialect.LINUX);
        List<KernelEvent> events = new ArrayList<>();
        try (PfKeyMonitor monitor = monitor(kernel)) {
            ScriptedKernel.Socket socket = kernel.sockets.get(0);
            for (int i = 0; i < 3; i++) {
                socket.say(with(LinuxMessages.DELETE, 9, SOMEBODY, 0));
            }
            for (int used : new int[] {1000, 1001, 999, 500}) {
                kernel.use(socket, used);
                monitor.receive(events::add);
            }
        }
        KernelEvent removed = new SaChanged(SOMEBODY, Change.REMOVED, REMOTE, SPI, 50);
        assertEquals(List.of(removed, removed, removed, new Lost()), events);
    }

    @Test
    void whoeverWantsChangesAloneDoesNotRegister() throws ErrnoException {
        ScriptedKernel kernel = kernel(Dialect.LINUX);
        new PfKeyMonitor(kernel.posix(), kernel.dialect, 1 << 20, PfKeyMonitor.Interest.CHANGES).close();
        assertEquals(List.of(), kernel.written);
        assertEquals(2, kernel.closed);
    }

    @Test
    void monitorRegistersForEspOrIsNone() throws ErrnoException {
        ScriptedKernel kernel = kernel(Dialect.FREEBSD);
        monitor(kernel).close();
        assertEquals(
                FreeBsdMessages.REGISTER.replace(" ", "").substring(0, 16),
                PfKeyBytes.hex(java.nio.ByteBuffer.wrap(kernel.written.get(0))).substring(0, 16));
        ScriptedKernel refusing = new ScriptedKernel(Dialect.LINUX);
        refusing.answers = header -> List.of(refusal(header, 105));
        ErrnoException refused = assertThrows(ErrnoException.class, () -> monitor(refusing));
        assertEquals("SADB_REGISTER: error 105", refused.getMessage());
        assertEquals(refusing.sockets.size(), refusing.closed);
    }
}

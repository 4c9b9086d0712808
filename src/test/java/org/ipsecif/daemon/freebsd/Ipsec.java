package org.ipsecif.daemon.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ipsecif.platform.freebsd.sim.KeyKernel;
import org.ipsecif.platform.freebsd.sim.SimulatedFreeBsd;
import org.ipsecif.platform.freebsd.sim.SimulatedProcess;
import org.ipsecif.platform.freebsd.sim.key.SimulatedKeyKernel;
import org.ipsecif.platform.posix.DirectBuffer;

/** IPsec in the kernel of a simulated host, and another program that changes its SPD by PF_KEY, in bytes written out here. */
final class Ipsec implements KeyKernel {
    private static final Pattern ID = Pattern.compile(" id ([0-9]+) ");
    private static final int SPDUPDATE = 13;
    private static final int SPDADD = 14;
    private static final int SPDDELETE2 = 22;

    private static final int DISCARD = 0;
    private static final int NONE = 1;

    private final SimulatedKeyKernel kernel;
    private final SimulatedProcess stranger;

    Ipsec(SimulatedFreeBsd host) {
        this(host, new SimulatedKeyKernel());
    }

    Ipsec(SimulatedFreeBsd host, SimulatedKeyKernel kernel) {
        this.kernel = kernel;
        host.setKeyKernel(this);
        stranger = host.process();
    }

    @Override
    public Socket open(int pid) {
        return kernel.open(pid);
    }

    @Override
    public boolean sends(Flow flow) {
        return kernel.sends(flow);
    }

    @Override
    public boolean accepts(Flow flow) {
        return kernel.accepts(flow);
    }

    /** One line a policy. */
    List<String> policies() {
        return kernel.policies();
    }

    /** Without the numbers that each new entry gets. */
    List<String> policiesWithoutIds() {
        return policies().stream()
                .map(each -> ID.matcher(each).replaceAll(" "))
                .sorted()
                .toList();
    }

    /** The only one that a line of has this text in it. */
    String policy(String text) {
        List<String> found =
                policies().stream().filter(each -> each.contains(text)).toList();
        assertEquals(1, found.size(), () -> text + " in " + policies());
        return found.get(0);
    }

    /** Another program's own entry: outbound, from 10.0.0.1 to 10.77.0.1, type none. */
    void addForeign() {
        send(selector(SPDADD, "0a000001", "0a4d0001", NONE));
    }

    /** Another program's own entry: outbound, between two addresses of four bytes in hexadecimal, type discard. */
    void addDiscard(String source, String destination) {
        send(selector(SPDADD, source, destination, DISCARD));
    }

    /** Another program's own entry: outbound, between two addresses, of any protocol, esp/transport//require, with priority 2000. */
    void addRequire(String source, String destination) {
        send(header(SPDADD, 11)
                + addresses(source, destination)
                + "0300 1200 0200 02 00 00000000 d0070000" // sadb_x_policy: ipsec, outbound, scope, id, priority
                + "0800 3200 01 02 0000"); // sadb_x_ipsecrequest: 8 bytes, ESP, transport, require, reqid
    }

    /** Another program makes type none of the outbound policy from 10.0.0.1 to 10.0.0.2. */
    void alter() {
        send(selector(SPDUPDATE, "0a000001", "0a000002", NONE));
    }

    /** Another program deletes a policy by its id. */
    void delete(String policy) {
        String number = String.format("%08x", Integer.reverseBytes(id(policy)));
        send(header(SPDDELETE2, 4) + "0200 1200 0000 00 00" + number + "00000000");
    }

    /** The kernel's, of a policy. */
    static int id(String policy) {
        Matcher id = ID.matcher(policy);
        assertTrue(id.find(), policy);
        return Integer.parseInt(id.group(1));
    }

    /** sadb_msg: version 2, type, errno, satype, length in units of 8, reserved, seq, pid */
    private static String header(int type, int units) {
        return String.format("02 %02x 00 00 %02x00 0000 01000000 00000000", type, units);
    }

    /** Two sadb_address of any protocol and 32 bits, and an outbound sadb_x_policy of this type. */
    private static String selector(int message, String source, String destination, int type) {
        return header(message, 10)
                + addresses(source, destination)
                + String.format("0200 1200 %02x00 02 00 00000000 00000000", type);
    }

    private static String addresses(String source, String destination) {
        return "0300 0500 ff 20 0000 1002 0000" + source + "0000000000000000" + "0300 0600 ff 20 0000 1002 0000"
                + destination + "0000000000000000";
    }

    private void send(String hex) {
        byte[] message = HexFormat.of().parseHex(hex.replace(" ", ""));
        int fd = stranger.socket(27, 3, 2);
        assertTrue(fd >= 0);
        assertEquals(message.length, stranger.write(fd, DirectBuffer.of(message).pointer(), message.length));
        DirectBuffer answer = new DirectBuffer(4096);
        assertTrue(stranger.read(fd, answer.pointer(), answer.size()) >= 16);
        assertEquals(0, answer.bytes().get(2), () -> "refused: " + hex);
        stranger.close(fd);
    }
}

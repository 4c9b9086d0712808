package org.ipsecif.platform.freebsd.sim;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** devd(8), which passes the kernel's notices on to whoever has connected. It can be ended, and started again. */
final class Devd {
    private static final String PATH = "/var/run/devd.seqpacket.pipe";
    private static final int BACKLOG = 10;

    private final SimulatedFreeBsd host;
    private final List<UnixSocket> connected = new ArrayList<>();
    private @Nullable UnixSocket listener;

    Devd(SimulatedFreeBsd host) {
        this.host = host;
    }

    void start() {
        UnixSocket socket = new UnixSocket(host, UnixSocket.SOCK_SEQPACKET);
        socket.bindWithoutFile(PATH);
        socket.listen(BACKLOG);
        listener = socket;
    }

    void stop() {
        acceptAll();
        connected.forEach(UnixSocket::disconnect);
        connected.clear();
        listener = null;
        host.unixNames().remove(PATH);
    }

    /** How many are connected. */
    int clients() {
        acceptAll();
        connected.removeIf(each -> !each.isConnected());
        return connected.size();
    }

    boolean is(UnixSocket socket) {
        return socket == listener;
    }

    private void acceptAll() {
        UnixSocket socket = listener;
        UnixSocket next = socket == null ? null : socket.acceptNow();
        while (next != null) {
            connected.add(next);
            next = socket.acceptNow();
        }
    }

    void notice(String subsystem, String type) {
        notice(subsystem, type, "");
    }

    void notice(String subsystem, String type, String data) {
        acceptAll();
        String text = ("!system=IFNET subsystem=" + subsystem + " type=" + type + " " + data).strip() + "\n";
        connected.removeIf(each -> !each.isConnected());
        for (UnixSocket each : connected) {
            each.nonBlocking = true;
            try {
                each.send(
                        host.kernelProcess(), new Message(text.getBytes(StandardCharsets.US_ASCII), new byte[0]), true);
            } catch (KernelError e) {
                each.disconnect(); // devd drops those who do not read
            }
        }
    }
}

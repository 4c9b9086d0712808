package org.ipsecif.load;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.crypto.AlgorithmProposal;
import org.ipsecif.crypto.ProposalNotation;
import org.ipsecif.ike.ChildConfig;
import org.ipsecif.ike.Identity;
import org.ipsecif.ike.IkeEndpoint;
import org.ipsecif.ike.IkeTimes;
import org.ipsecif.ike.PeerConfig;
import org.ipsecif.ike.Timers;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.jspecify.annotations.Nullable;

/**
 * {@code initiate RESPONDER BRANCHES WINDOW ROUNDS}: branches, each at an address of its own in 10.50.0.0/16 and with 10.60.x.y inside,
 * bring their IKE and Child SAs up, so many at a time, and down again between rounds; prints a line for each round, and waits with the last
 * up until its standard input ends. {@code respond ADDRESS BRANCHES}: answers them, with the IKE endpoint alone; prints the memory in use when
 * a line comes on its standard input.
 */
public final class IkeLoad {
    private static final String SECRET = "a secret of all the branches";
    private static final long LONGEST_WAIT_MILLIS = 50;
    private static final long MILLI = 1_000_000;
    private static final long GIVE_UP = 120_000 * MILLI;
    private static final IpAddress FIRST_OUTER = IpAddress.parse("10.50.0.1");
    private static final IpAddress FIRST_INNER = IpAddress.parse("10.60.0.1");
    private static final AddressRange ANY =
            AddressRange.of(IpAddress.parse("0.0.0.0"), IpAddress.parse("255.255.255.255"));

    private final IpAddress responder;
    private final int branches;
    private final UdpPorts ports = new UdpPorts();
    private final Deque<Integer> waiting = new ArrayDeque<>();
    private final Map<String, Long> begun = new HashMap<>();
    private final LoadHost host;
    private final IkeEndpoint endpoint;
    private int up;
    private long[] took = new long[0];

    private IkeLoad(IpAddress responder, int branches) throws IOException {
        this.responder = responder;
        this.branches = branches;
        this.host = new LoadHost(ports, SECRET, this::isUp);
        this.endpoint = new IkeEndpoint(host, new Timers(System.nanoTime()));
    }

    public static void main(String[] arguments) throws IOException {
        IkeLoad load = new IkeLoad(IpAddress.parse(arguments[1]), Integer.parseInt(arguments[2]));
        if (arguments[0].equals("respond")) {
            load.respond();
        } else {
            load.initiate(Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
        }
    }

    private static IpAddress nth(IpAddress first, int number) {
        return new IpAddress(Family.INET, 0, first.low() + number);
    }

    private PeerConfig peer(int number, boolean initiator) {
        IpAddress outer = nth(FIRST_OUTER, number);
        IpAddress inner = nth(FIRST_INNER, number);
        AddressRange behind = AddressRange.of(inner, inner);
        Identity branch = Identity.parse("branch" + number + ".example.org");
        Identity center = Identity.parse("center.example.org");
        List<AlgorithmProposal> ike = ProposalNotation.ike("aes128gcm16-prfsha256-x25519");
        ChildConfig child = new ChildConfig(
                "ipsec" + number,
                number + 1,
                IpsecMode.TUNNEL,
                List.of(initiator ? behind : ANY),
                List.of(initiator ? ANY : behind),
                ProposalNotation.esp("aes128gcm16-noesn"),
                64);
        return new PeerConfig(
                "ipsec" + number,
                initiator ? outer : responder,
                initiator ? responder : null,
                initiator ? branch : center,
                initiator ? center : branch,
                ike,
                List.of(child),
                IkeTimes.DEFAULT,
                false,
                false,
                false,
                true);
    }

    private void respond() throws IOException {
        for (int i = 0; i < branches; i++) {
            endpoint.configure(peer(i, false));
        }
        ports.open(responder);
        memory();
        while (true) {
            turn();
            int read = System.in.available() > 0 ? System.in.read() : 0;
            if (read == '\n') {
                memory();
            } else if (read < 0) {
                return;
            }
        }
    }

    /** What is in use after everything else has been collected. */
    private void memory() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        System.out.println(host.established() + " " + (runtime.totalMemory() - runtime.freeMemory()));
    }

    private void turn() throws IOException {
        long wait = Math.min(LONGEST_WAIT_MILLIS, endpoint.timers().untilNext() / MILLI);
        ports.receive(wait, (path, bytes, length) -> {
            endpoint.timers().run(System.nanoTime());
            endpoint.receive(path, bytes, 0, length);
        });
        endpoint.timers().run(System.nanoTime());
    }

    private void initiate(int window, int rounds) throws IOException {
        for (int i = 0; i < branches; i++) {
            ports.open(nth(FIRST_OUTER, i));
            endpoint.configure(peer(i, true));
        }
        for (int round = 1; round <= rounds; round++) {
            bringUp(round, window);
            if (round < rounds) {
                bringDown();
            }
        }
        while (System.in.available() == 0) {
            turn();
        }
    }

    private void bringUp(int round, int window) throws IOException {
        up = 0;
        took = new long[branches];
        for (int i = 0; i < branches; i++) {
            waiting.add(i);
        }
        long from = System.nanoTime();
        for (int i = 0; i < window; i++) {
            next();
        }
        while (up < branches && System.nanoTime() - from < GIVE_UP) {
            turn();
        }
        double seconds = (System.nanoTime() - from) / 1e9;
        Arrays.sort(took);
        System.out.printf(
                "round %d: %d of %d in %.3f s, %.1f a second; milliseconds for one: median %.1f, 99th of 100 %.1f; %d warnings%n",
                round,
                up,
                branches,
                seconds,
                up / seconds,
                took[branches / 2] / 1e6,
                took[branches * 99 / 100] / 1e6,
                host.warnings());
    }

    private void bringDown() throws IOException {
        for (int i = 0; i < branches; i++) {
            endpoint.disconnect("ipsec" + i);
            if (i % 16 == 0) {
                turn();
            }
        }
        long until = System.nanoTime() + 2_000 * MILLI;
        while (System.nanoTime() < until) {
            turn();
        }
    }

    private void next() {
        Integer number = waiting.poll();
        if (number != null) {
            begun.put("ipsec" + number, System.nanoTime());
            endpoint.connect("ipsec" + number);
        }
    }

    private void isUp(String name) {
        @Nullable Long since = begun.remove(name);
        if (since != null) {
            took[up++] = System.nanoTime() - since;
            next();
        }
    }
}

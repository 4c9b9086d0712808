package org.ipsecif.ike;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.ipsecif.crypto.AlgorithmProposal;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.crypto.ProposalNotation;
import org.ipsecif.crypto.PseudorandomFunction;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.ike.message.AuthenticationMethod;
import org.ipsecif.ike.message.AuthenticationPayload;
import org.ipsecif.ike.message.CertificateRequestPayload;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.SaParameters;
import org.jspecify.annotations.Nullable;

/**
 * Ends of IKE SAs in memory, a wire between them that loses, doubles and reorders as told, and a clock that the test moves. What is
 * random comes from seeds.
 */
final class TestNetwork {
    static final long MILLISECOND = 1_000_000;
    static final long SECOND = 1_000 * MILLISECOND;
    static final IpAddress A = IpAddress.parse("203.0.113.1");
    static final IpAddress B = IpAddress.parse("203.0.113.2");
    static final AddressRange ANY = AddressRange.of(IpAddress.parse("0.0.0.0"), IpAddress.parse("255.255.255.255"));
    static final AddressRange ANY6 =
            AddressRange.of(IpAddress.parse("::"), IpAddress.parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));

    private record Datagram(Path path, byte[] bytes) {}

    private final Random chance;
    private final List<Datagram> wire = new ArrayList<>();
    private final Map<IpAddress, End> ends = new LinkedHashMap<>(); // the same order in every run
    private long now = 1;

    /** What happened, for people. */
    final List<String> story = new ArrayList<>();

    /** Of a thousand datagrams. */
    int lost;

    int doubled;

    /** Bytes of the longest message so far. */
    int longest;

    boolean reorders;

    /** Looks at each message that is sent; false loses it. */
    java.util.function.BiPredicate<Path, byte[]> passes = (path, bytes) -> true;

    /** What comes out of the wire for what went in. */
    java.util.function.UnaryOperator<byte[]> alters = bytes -> bytes;

    TestNetwork(long seed) {
        chance = new Random(seed);
    }

    End end(IpAddress address) {
        return ends.computeIfAbsent(address, each -> new End(this, each, chance.nextLong()));
    }

    /** What NATs make of a datagram's path, as its receiver sees it; null if none lets it pass. */
    java.util.function.Function<Path, @Nullable Path> translates = path -> path;

    void send(Path from, byte[] bytes) {
        if (chance.nextInt(1_000) < lost || !passes.test(from, bytes)) {
            return;
        }
        longest = Math.max(longest, bytes.length);
        Path there = translates.apply(new Path(from.remote(), from.remotePort(), from.local(), from.localPort()));
        if (there == null) {
            return;
        }
        Datagram datagram = new Datagram(there, alters.apply(bytes));
        wire.add(datagram);
        if (chance.nextInt(1_000) < doubled) {
            wire.add(datagram);
        }
    }

    /** An end has another address too. */
    void alias(IpAddress address, End end) {
        ends.put(address, end);
    }

    /** Delivers what is on the wire, and what that leads to. */
    void deliver() {
        while (!wire.isEmpty()) {
            Datagram next = wire.remove(reorders ? chance.nextInt(wire.size()) : 0);
            End end = ends.get(next.path.local());
            if (end != null) {
                byte[] copy = next.bytes.clone();
                end.endpoint.receive(next.path, copy, 0, copy.length);
            }
        }
    }

    /** Lets time pass, in steps of 50 ms. */
    void pass(long nanos) {
        long until = now + nanos;
        while (now < until) {
            now = Math.min(until, now + 50 * MILLISECOND);
            new LinkedHashSet<>(ends.values()).forEach(each -> each.timers.run(now));
            deliver();
        }
    }

    /** One end: an SAD that is a list, and a log. */
    static final class End implements IkeHost, ChildSaSink, Credentials, IkeEvents {
        IpAddress address;
        final TestNetwork network;
        final SecureRandom random;
        Timers timers;
        IkeEndpoint endpoint;
        final Map<Integer, SaParameters> sad = new LinkedHashMap<>();
        Executor sadAnswers = Runnable::run;
        final List<Integer> retired = new ArrayList<>();

        /** What waits until packets see what was changed; null where they do at once. */
        @Nullable
        List<Runnable> unsettled;

        final Deque<String> log = new ArrayDeque<>();
        final Deque<String> warnings = new ArrayDeque<>();
        final List<IkeMessage> messages = new ArrayList<>();
        String secret = "a secret";

        /** What host names stand for. */
        final Map<String, IpAddress> hosts = new HashMap<>();

        int lookups;

        interface Door {
            void admit(PeerConfig peer, Identity remote, Consumer<Admission> done);
        }

        Door admission = (peer, remote, done) -> done.accept(new Admission(peer.name(), null));
        final List<String> idle = new ArrayList<>();

        /** Post-quantum preshared keys by their names; the first is the one that this end names. */
        final Map<String, String> ppks = new LinkedHashMap<>();

        @Nullable
        String refusal;

        /** ESP, by SPI, as the SAD counts it. */
        final Map<Integer, Long> packets = new HashMap<>();

        /** Where the interface was told that the peer is. */
        final List<Path> moves = new ArrayList<>();

        int keepalives;

        /** Signs, however badly, instead of knowing a secret. */
        boolean signs;

        /** Answers to what it is asked to verify, which it gives when the test does. */
        final Deque<Consumer<@Nullable String>> verifications = new ArrayDeque<>();

        /** The next that it gives out. */
        int nextSpi;

        @SuppressWarnings("this-escape")
        End(TestNetwork network, IpAddress address, long seed) {
            this.network = network;
            this.address = address;
            Random seeded = new Random(seed);
            this.random = new SecureRandom() {
                private static final long serialVersionUID = 1L;

                @Override
                public void nextBytes(byte[] bytes) {
                    seeded.nextBytes(bytes);
                }
            };
            this.timers = new Timers(network.now);
            this.endpoint = new IkeEndpoint(this, timers);
            this.nextSpi = 0x1000 + (int) (address.low() & 0xff) * 0x10000;
        }

        /** As after a crash: it remembers nothing. */
        void restart() {
            timers = new Timers(network.now);
            endpoint = new IkeEndpoint(this, timers);
            sad.clear();
        }

        /**
         * Sends an ESP packet with the newest SA, if there is one.
         *
         * @return whether the other end could read it; else its IKE is told
         */
        boolean sendsEsp(End to) {
            List<SaParameters> all = outbound();
            if (all.isEmpty()) {
                return false;
            }
            int spi = all.get(all.size() - 1).spi();
            if (to.sad.containsKey(spi)) {
                packets.merge(spi, 1L, Long::sum);
                to.packets.merge(spi, 1L, Long::sum);
                return true;
            }
            to.endpoint.unknownEsp(new Path(to.address, Path.IKE_PORT, address, Path.IKE_PORT), spi);
            network.deliver();
            return false;
        }

        @Override
        public void send(Path path, byte[] message) {
            network.send(path, message);
        }

        @Override
        public SecureRandom random() {
            return random;
        }

        @Override
        public void resolve(String name, Family family, Consumer<@Nullable IpAddress> done) {
            lookups++;
            done.accept(hosts.get(name));
        }

        @Override
        public void admit(PeerConfig peer, Identity remote, Consumer<Admission> done) {
            admission.admit(peer, remote, done);
        }

        /** What the peer has assigned, each time. */
        final List<List<IpAddress>> assigned = new ArrayList<>();

        @Override
        public void assigned(String name, List<IpAddress> addresses) {
            assigned.add(addresses);
        }

        @Override
        public void idle(String name) {
            idle.add(name);
        }

        @Override
        public ChildSaSink childSas() {
            return this;
        }

        @Override
        public Credentials credentials() {
            return this;
        }

        @Override
        public IkeEvents events() {
            return this;
        }

        @Override
        public int allocateSpi() {
            return nextSpi++;
        }

        @Override
        public void add(ChildSa child, SaParameters sa, Consumer<@Nullable String> done) {
            boolean outbound = sa.source().equals(address);
            boolean taken = refusal == null && sad.putIfAbsent(sa.spi(), sa) != null;
            if (taken && !outbound) {
                throw new IllegalStateException("SPI given out twice");
            }
            String problem = taken ? "the peer's SPI is taken" : refusal;
            sadAnswers.execute(() -> done.accept(problem));
        }

        @Override
        public void keepAlive(Path path) {
            keepalives++;
            network.send(path, new byte[] {(byte) 0xff});
        }

        @Override
        public void readdress(SaParameters before, SaParameters after) {
            if (!sad.replace(before.spi(), before, after)) {
                throw new IllegalStateException("no such SA to move");
            }
        }

        @Override
        public long packets(SaParameters sa) {
            return packets.getOrDefault(sa.spi(), 0L);
        }

        @Override
        public void moved(ChildSa child, Path path) {
            moves.add(path);
        }

        @Override
        public void retire(ChildSa child, SaParameters sa) {
            retired.add(sa.spi());
            remove(child, sa);
        }

        @Override
        public void settled(Runnable done) {
            if (unsettled == null) {
                done.run();
            } else {
                unsettled.add(done);
            }
        }

        @Override
        public void remove(ChildSa child, SaParameters sa) {
            boolean outbound = sa.source().equals(address);
            if (!sad.remove(sa.spi(), sa) && !outbound) {
                throw new IllegalStateException("no such SA to remove");
            }
        }

        @Override
        public @Nullable KeyMaterial sharedKey(PeerConfig peer, Identity remote) {
            return signs ? null : KeyMaterial.copyOf(secret.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public Credentials.@Nullable Ppk ppk(PeerConfig peer) {
            return ppks.isEmpty()
                    ? null
                    : ppk(peer, octets(ppks.keySet().iterator().next()));
        }

        @Override
        public Credentials.@Nullable Ppk ppk(PeerConfig peer, Octets id) {
            String known = ppks.get(new String(id.toBytes(), StandardCharsets.UTF_8));
            return known == null ? null : new Ppk(id, KeyMaterial.copyOf(known.getBytes(StandardCharsets.UTF_8)));
        }

        private static Octets octets(String text) {
            return Octets.of(text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public Credentials.@Nullable Signed sign(PeerConfig peer, Set<Integer> hashes, byte[][] octets) {
            return signs
                    ? new Signed(
                            List.of(),
                            new AuthenticationPayload(
                                    AuthenticationMethod.DIGITAL_SIGNATURE, Octets.of(new byte[] {1})))
                    : null;
        }

        @Override
        public List<Payload> certificateRequests(PeerConfig peer) {
            return signs ? List.of(CertificateRequestPayload.x509(List.of(Octets.of(new byte[20])))) : List.of();
        }

        @Override
        public void verify(
                PeerConfig peer,
                Identity remote,
                AuthenticationPayload authentication,
                List<Octets> certificates,
                byte[][] octets,
                Consumer<@Nullable String> done) {
            verifications.add(done);
        }

        @Override
        public void log(String peer, String line) {
            log.add(line);
            network.story.add(network.now / MILLISECOND + " " + address + " LOG " + line);
        }

        @Override
        public void warn(String peer, String line) {
            warnings.add(line);
            network.story.add(network.now / MILLISECOND + " " + address + " WARN " + line);
        }

        @Override
        public void message(String peer, Path path, boolean outbound, IkeMessage message) {
            messages.add(message);
            network.story.add(network.now / MILLISECOND + " " + address + (outbound ? " sends " : " gets ")
                    + String.format("%04x ", message.header().initiatorSpi() >>> 48)
                    + org.ipsecif.ike.message.MessageText.line(message));
        }

        /** SAs that this end sends with, by the numbers of the other. */
        List<SaParameters> outbound() {
            return sad.values().stream()
                    .filter(each -> each.source().equals(address))
                    .toList();
        }

        List<SaParameters> inbound() {
            return sad.values().stream()
                    .filter(each -> each.destination().equals(address))
                    .toList();
        }
    }

    static AlgorithmProposal ikeProposal(KeyExchangeMethod... methods) {
        return new AlgorithmProposal(
                List.of(new AlgorithmProposal.Cipher(EncryptionAlgorithm.ENCR_AES_GCM_16, 128)),
                List.of(),
                List.of(PseudorandomFunction.PRF_HMAC_SHA2_256),
                List.of(List.of(methods)),
                List.of());
    }

    static AlgorithmProposal espProposal(KeyExchangeMethod... methods) {
        return new AlgorithmProposal(
                List.of(new AlgorithmProposal.Cipher(EncryptionAlgorithm.ENCR_AES_GCM_16, 128)),
                List.of(),
                List.of(),
                methods.length == 0 ? List.of() : List.of(List.of(methods)),
                List.of(true, false));
    }

    static ChildConfig child(AlgorithmProposal... proposals) {
        return new ChildConfig(
                "ipsec0", 100, IpsecMode.TUNNEL, List.of(ANY, ANY6), List.of(ANY, ANY6), List.of(proposals), 1_024);
    }

    /** With other proposals, in words. */
    static PeerConfig with(PeerConfig peer, String ike, String esp) {
        List<AlgorithmProposal> forChildren = ProposalNotation.esp(esp);
        return new PeerConfig(
                peer.name(),
                peer.local(),
                peer.remote(),
                peer.localId(),
                peer.remoteId(),
                ProposalNotation.ike(ike),
                List.of(child(forChildren.toArray(AlgorithmProposal[]::new))),
                peer.times(),
                peer.start(),
                peer.restart(),
                peer.forceEncapsulation(),
                peer.fragmentation(),
                peer.ppk(),
                peer.childless());
    }

    static PeerConfig with(PeerConfig peer, PpkUse ppk, boolean childless) {
        return new PeerConfig(
                peer.name(),
                peer.local(),
                peer.remote(),
                peer.localId(),
                peer.remoteId(),
                peer.proposals(),
                peer.children(),
                peer.times(),
                peer.start(),
                peer.restart(),
                peer.forceEncapsulation(),
                peer.fragmentation(),
                ppk,
                childless);
    }

    static PeerConfig peer(IpAddress local, IpAddress remote) {
        return new PeerConfig(
                "ipsec0",
                local,
                remote,
                Identity.of(local),
                Identity.of(remote),
                List.of(ikeProposal(KeyExchangeMethod.CURVE25519)),
                List.of(child(espProposal(KeyExchangeMethod.CURVE25519))),
                IkeTimes.DEFAULT,
                false,
                false,
                false,
                true);
    }
}

package org.ipsecif.load;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.ike.ChildSa;
import org.ipsecif.ike.ChildSaSink;
import org.ipsecif.ike.Credentials;
import org.ipsecif.ike.Identity;
import org.ipsecif.ike.IkeEvents;
import org.ipsecif.ike.IkeHost;
import org.ipsecif.ike.Path;
import org.ipsecif.ike.PeerConfig;
import org.ipsecif.ike.message.AuthenticationPayload;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.Payload;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.SaParameters;
import org.jspecify.annotations.Nullable;

/** One secret for all, and an SAD that only counts. */
final class LoadHost implements IkeHost, ChildSaSink, Credentials, IkeEvents {
    private static final int FIRST_SPI = 256;
    private static final int MOST_WARNINGS = 10;

    private final UdpPorts ports;
    private final SecureRandom random = new SecureRandom();
    private final KeyMaterial secret;

    /** By outbound SPI. */
    private final Map<Integer, SaParameters> outbound = new HashMap<>();

    /** Called with the interface's name when traffic could flow. */
    private final Consumer<String> up;

    private int warnings;

    LoadHost(UdpPorts ports, String secret, Consumer<String> up) {
        this.ports = ports;
        this.secret = KeyMaterial.copyOf(secret.getBytes(StandardCharsets.UTF_8));
        this.up = up;
    }

    /** Outbound SAs that there are. */
    int established() {
        return outbound.size();
    }

    /** Lines about what went wrong. */
    int warnings() {
        return warnings;
    }

    @Override
    public void send(Path path, byte[] message) {
        ports.send(path, message);
    }

    @Override
    public SecureRandom random() {
        return random;
    }

    @Override
    public void resolve(String name, Family family, Consumer<@Nullable IpAddress> done) {
        done.accept(null);
    }

    @Override
    public void admit(PeerConfig peer, Identity remote, Consumer<Admission> done) {
        done.accept(new Admission(peer.name(), null));
    }

    @Override
    public void assigned(String name, List<IpAddress> addresses) {}

    @Override
    public void idle(String name) {}

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
        int spi = random.nextInt();
        return Integer.compareUnsigned(spi, FIRST_SPI) < 0 ? FIRST_SPI : spi;
    }

    @Override
    public void add(ChildSa child, SaParameters sa, Consumer<@Nullable String> done) {
        done.accept(null);
        if (sa == child.outbound()) {
            outbound.put(sa.spi(), sa);
            up.accept(child.config().name());
        }
    }

    @Override
    public void keepAlive(Path path) {
        ports.send(path, new byte[] {(byte) 0xff});
    }

    @Override
    public void readdress(SaParameters before, SaParameters after) {
        // Nobody moves.
    }

    @Override
    public long packets(SaParameters sa) {
        return 0;
    }

    @Override
    public void moved(ChildSa child, Path path) {
        // Nothing is sent to it.
    }

    @Override
    public void retire(ChildSa child, SaParameters sa) {
        remove(child, sa);
    }

    @Override
    public void settled(Runnable done) {
        done.run();
    }

    @Override
    public void remove(ChildSa child, SaParameters sa) {
        outbound.remove(sa.spi(), sa);
    }

    @Override
    public KeyMaterial sharedKey(PeerConfig peer, Identity remote) {
        return secret;
    }

    @Override
    public @Nullable Signed sign(PeerConfig peer, Set<Integer> hashes, byte[][] octets) {
        return null;
    }

    @Override
    public List<Payload> certificateRequests(PeerConfig peer) {
        return List.of();
    }

    @Override
    public void verify(
            PeerConfig peer,
            Identity remote,
            AuthenticationPayload authentication,
            List<Octets> certificates,
            byte[][] octets,
            Consumer<@Nullable String> done) {
        done.accept("no certificates here");
    }

    @Override
    public void log(String peer, String line) {}

    @Override
    public void warn(String peer, String line) {
        if (++warnings <= MOST_WARNINGS) {
            System.err.println(peer + ": " + line);
        }
    }

    @Override
    public void message(String peer, Path path, boolean outgoing, IkeMessage message) {}
}

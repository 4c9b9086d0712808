package org.ipsecif.daemon;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.ike.ChildSaSink;
import org.ipsecif.ike.Credentials;
import org.ipsecif.ike.Identity;
import org.ipsecif.ike.IkeEndpoint;
import org.ipsecif.ike.IkeHost;
import org.ipsecif.ike.IkeStatus;
import org.ipsecif.ike.Path;
import org.ipsecif.ike.PeerConfig;
import org.ipsecif.ike.Timers;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.tunnel.IkeReceiver;
import org.ipsecif.tunnel.IkeWorker;
import org.ipsecif.tunnel.Worker;
import org.ipsecif.wire.OuterHeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * IKE's thread, its sockets, and its clock. What is asked of it is queued; messages too, as far as there is room, for anybody can send
 * them.
 */
final class IkeService implements IkeHost, IkeReceiver, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IkeService.class);
    private static final int NON_ESP_MARKER = 4;

    /** RFC 3948 section 2.3. */
    private static final byte KEEPALIVE = (byte) 0xff;

    /** Messages that wait; more are dropped. */
    private static final int MAX_WAITING = 2_048;

    private static final int INTERNETWORK_CONTROL = 0xc0; // DSCP CS6
    private static final int HOP_LIMIT = 64;

    /** For which somebody waits for IKE's thread. */
    private static final int PATIENCE_SECONDS = 5;

    /** Host names that are looked up at once. */
    private static final int MOST_LOOKUPS = 4;

    /** For which an interface stays whose peer has gone. */
    private static final long IDLE_NANOS = 10_000_000_000L;

    private static final long DAY = 86_400_000_000_000L;

    /** Of one local address: port 500, and the transport of ESP in UDP, which shares port 4500. */
    private static final class Sockets {
        final IkeWorker plain;
        final EspTransport floated;
        int users;

        Sockets(IkeWorker plain, EspTransport floated) {
            this.plain = plain;
            this.floated = floated;
        }
    }

    private final Host host;
    private final SecureRandom random = new SecureRandom();
    private final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private final IkeSad sad;
    private final ExecutorService resolving = Executors.newFixedThreadPool(MOST_LOOKUPS, task -> {
        Thread thread = new Thread(task, "ike-resolve");
        thread.setDaemon(true);
        return thread;
    });
    private final HostNames hostNames = new HostNames(HostNames::system, resolving, System::nanoTime);
    private final Keyring keyring = new Keyring(this::execute);
    private final IkeLog events;
    private final IkeEndpoint endpoint;
    private final Thread thread;

    /** Control thread changes, IKE's reads. */
    private final Map<IpAddress, Sockets> sockets = new HashMap<>();

    /** By sockets that are closed; control thread only. */
    private long closedDropped;

    private volatile @Nullable DynamicInterfaces dynamic;
    private volatile @Nullable BiConsumer<String, List<IpAddress>> assigning;
    private volatile boolean stopping;
    private volatile boolean started;

    IkeService(Host host) {
        this.host = host;
        this.events = new IkeLog(Clock.systemUTC(), host::nanoTime);
        this.sad = new IkeSad(host, this, random);
        this.endpoint = new IkeEndpoint(this, new Timers(host.nanoTime()));
        this.thread = new Thread(this::run, "ike");
        thread.setDaemon(true);
    }

    private void run() {
        while (!stopping) {
            try {
                long wait = Math.min(DAY, endpoint.timers().untilNext());
                Runnable next = queue.poll(wait, TimeUnit.NANOSECONDS);
                endpoint.timers().run(host.nanoTime());
                if (next != null) {
                    next.run();
                }
            } catch (InterruptedException e) {
                stopping = true;
            } catch (RuntimeException e) {
                LOG.error("fault in IKE, which goes on", e);
            }
        }
    }

    /** Has IKE's thread do something, in its turn. */
    void execute(Runnable task) {
        queue.add(task);
    }

    /**
     * Has IKE's thread compute something, in its turn, and waits for it. For threads that nobody waits for: neither IKE's nor control.
     *
     * @param without the result if there is no interface that IKE keys
     * @throws RefusedException if IKE takes too long, or the daemon is ending
     */
    <T> T call(Callable<T> task, T without) throws RefusedException {
        if (!started) {
            return without;
        }
        FutureTask<T> result = new FutureTask<>(task);
        execute(result);
        try {
            return result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            result.cancel(false);
            throw new RefusedException("IKE has not answered within " + PATIENCE_SECONDS + " s");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException("interrupted");
        }
    }

    /** What IKE SAs there are. As {@link #call}. @param name of an interface, or null for all */
    List<IkeStatus> snapshot(@Nullable String name) throws RefusedException {
        return call(() -> endpoint.snapshot(name), List.of());
    }

    IkeEndpoint endpoint() {
        return endpoint;
    }

    IkeSad sad() {
        return sad;
    }

    Keyring keyring() {
        return keyring;
    }

    @Override
    public Credentials credentials() {
        return keyring;
    }

    /** Messages that were dropped because too many waited. */
    long dropped() {
        return dropped.get();
    }

    /** Likewise those that the host dropped on port 500, its buffers being full. Control thread. */
    long droppedByHost() {
        long sum = closedDropped;
        for (Sockets each : sockets.values()) {
            sum += each.plain.socket().dropped();
        }
        return sum;
    }

    /** Opens the sockets of a local address, if they are not open yet; {@link #close(IpAddress)} once for each call. Control thread. */
    void open(IpAddress local) throws ErrnoException {
        Sockets known = sockets.get(local);
        if (known == null) {
            EspTransport floated = host.transports().acquire(local, Encapsulation.UDP);
            try {
                IkeWorker plain = new IkeWorker(
                        host.platform()
                                .openUdp(
                                        local,
                                        Path.IKE_PORT,
                                        host.routingTables().of(local)),
                        Path.IKE_PORT,
                        this);
                known = new Sockets(plain, floated);
            } catch (ErrnoException e) {
                host.transports().release(floated);
                throw e;
            }
            synchronized (sockets) {
                sockets.put(local, known);
            }
            if (!started) {
                started = true;
                thread.start();
            }
        }
        known.users++;
    }

    /** That of port 500 sends by this routing table from now on. Control thread. */
    void setFib(IpAddress local, int fib) throws ErrnoException {
        Sockets known = sockets.get(local);
        if (known != null) {
            known.plain.socket().setFib(fib);
        }
    }

    /** Closes them when nobody uses them any more. Control thread. */
    void close(IpAddress local) {
        Sockets known = sockets.get(local);
        if (known != null && --known.users == 0) {
            synchronized (sockets) {
                sockets.remove(local);
            }
            closedDropped += known.plain.socket().dropped();
            known.plain.close();
            host.transports().release(known.floated);
        }
    }

    @Override
    public boolean receive(IpAddress local, int localPort, UdpEndpoint from, byte[] message, int offset, int length) {
        synchronized (sockets) {
            if (!sockets.containsKey(local)) {
                return false;
            }
        }
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            dropped.incrementAndGet();
            return true;
        }
        byte[] copy = Arrays.copyOfRange(message, offset, offset + length);
        Path path = new Path(local, localPort, from.address(), from.port());
        execute(() -> {
            waiting.decrementAndGet();
            endpoint.receive(path, copy, 0, copy.length);
        });
        return true;
    }

    @Override
    public void peerMoved(IpAddress local, UdpEndpoint from, int spi) {
        Path path = new Path(local, Path.NAT_PORT, from.address(), from.port());
        if (started) {
            execute(() -> endpoint.peerMoved(path, spi));
        }
    }

    @Override
    public void unknownSpi(IpAddress local, UdpEndpoint from, int spi) {
        int port = from.port() == 0 ? Path.IKE_PORT : Path.NAT_PORT;
        Path path = new Path(local, port, from.address(), from.port() == 0 ? Path.IKE_PORT : from.port());
        if (started) {
            execute(() -> endpoint.unknownEsp(path, spi));
        }
    }

    @Override
    public void send(Path path, byte[] message) {
        int marker = path.isFloated() ? NON_ESP_MARKER : 0;
        byte[] datagram = new byte[marker + message.length];
        System.arraycopy(message, 0, datagram, marker, message.length);
        transmit(path, datagram);
    }

    private void transmit(Path path, byte[] datagram) {
        Sockets known;
        synchronized (sockets) {
            known = sockets.get(path.local());
        }
        if (known == null) {
            return;
        }
        OuterHeader outer = new OuterHeader();
        outer.set(INTERNETWORK_CONTROL, HOP_LIMIT, 0, false);
        EspTransport socket = path.isFloated() ? known.floated : known.plain.socket();
        int result =
                socket.send(datagram, 0, datagram.length, new UdpEndpoint(path.remote(), path.remotePort()), outer);
        if (result != 0) {
            LOG.debug("IKE message to {} not sent: errno {}", path, result);
        }
    }

    /** Who makes interfaces of peers. */
    void setDynamic(DynamicInterfaces next) {
        dynamic = next;
    }

    @Override
    public void admit(PeerConfig peer, Identity remote, Consumer<Admission> done) {
        DynamicInterfaces known = dynamic;
        if (known == null || !known.isKind(peer.name())) {
            done.accept(new Admission(peer.name(), null));
            return;
        }
        host.control().execute(() -> {
            Admission admission = known.admit(peer.name(), remote);
            execute(() -> done.accept(admission)); // after what was told of the interface
        });
    }

    /** Who puts inner addresses on interfaces. */
    void setAssigning(BiConsumer<String, List<IpAddress>> next) {
        assigning = next;
    }

    @Override
    public void assigned(String name, List<IpAddress> addresses) {
        BiConsumer<String, List<IpAddress>> known = assigning;
        if (known != null) {
            host.control().execute(() -> known.accept(name, addresses));
        }
    }

    @Override
    public void idle(String name) {
        DynamicInterfaces known = dynamic;
        if (known != null && known.isOne(name)) {
            host.control()
                    .after(
                            IDLE_NANOS,
                            () -> execute(() -> {
                                if (endpoint.snapshot(name).isEmpty()) {
                                    host.control().execute(() -> known.end(name));
                                }
                            }));
        }
    }

    HostNames hostNames() {
        return hostNames;
    }

    @Override
    public void resolve(String name, Family family, Consumer<@Nullable IpAddress> done) {
        hostNames.resolve(name, family, address -> execute(() -> done.accept(address)));
    }

    @Override
    public void keepAlive(Path path) {
        transmit(path, new byte[] {KEEPALIVE});
    }

    @Override
    public SecureRandom random() {
        return random;
    }

    @Override
    public ChildSaSink childSas() {
        return sad;
    }

    @Override
    public IkeLog events() {
        return events;
    }

    @Override
    public void close() {
        if (started) {
            execute(() -> stopping = true); // what was asked before is done before: peers are told
            Worker.awaitEnd(thread);
        }
        resolving.shutdownNow();
        keyring.close();
        for (Sockets each : sockets.values()) {
            each.plain.close();
            host.transports().release(each.floated);
        }
        sockets.clear();
    }
}

package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.ipsecif.platform.freebsd.sim.KeyKernel;
import org.jspecify.annotations.Nullable;

/**
 * FreeBSD's key.c and keysock.c once more, in Java: takes what they take, refuses what they refuse, and tells whom they tell. Written from the
 * sources of FreeBSD 13 and from the table of structures, with none of the code under test.
 */
public final class SimulatedKeyKernel implements KeyKernel {
    /** What differs between releases. @param reportsLoss knows SO_RERROR and calls soroverflow */
    public enum Release {
        FREEBSD_13(false),
        FREEBSD_14(true);

        private final boolean reportsLoss;

        Release(boolean reportsLoss) {
            this.reportsLoss = reportsLoss;
        }

        boolean reportsLoss() {
            return reportsLoss;
        }
    }

    private enum Target {
        ONE,
        ALL,
        REGISTERED
    }

    /** kern.ipc.maxsockbuf, as it comes. */
    private static final int MAXSOCKBUF = 2 << 20;

    private final Release release;
    private final List<SimulatedKeySocket> sockets = new ArrayList<>();
    private final Spd spd;
    private final Acquires acquires;
    private final Sadb sadb;
    private final DataPlane dataPlane;
    private int maxSocketBuffer = MAXSOCKBUF;

    public SimulatedKeyKernel() {
        this(Release.FREEBSD_14, () -> System.currentTimeMillis() / 1000, RandomGenerator.getDefault());
    }

    /** @param seconds time_second @param random for SPIs */
    public SimulatedKeyKernel(Release release, LongSupplier seconds, RandomGenerator random) {
        this.release = release;
        spd = new Spd(seconds);
        acquires = new Acquires(seconds);
        sadb = new Sadb(seconds, random, acquires);
        dataPlane = new DataPlane(spd, sadb, acquires);
    }

    /** As {@code sysctl kern.ipc.maxsockbuf}. */
    public synchronized void setMaxSocketBuffer(int bytes) {
        maxSocketBuffer = bytes;
    }

    /** sb_max_adj: what SO_RCVBUF may ask for, clusters counted with their mbufs. */
    int mostReceiveBuffer() {
        return (int) ((long) maxSocketBuffer * MCLBYTES / (MSIZE + MCLBYTES));
    }

    Release release() {
        return release;
    }

    /** key_attach, of a process that may. */
    @Override
    public synchronized SimulatedKeySocket open(int pid) {
        SimulatedKeySocket socket = new SimulatedKeySocket(this);
        sockets.add(0, socket);
        return socket;
    }

    /** key_detach, key_freereg. */
    synchronized void detach(SimulatedKeySocket socket) {
        sockets.remove(socket);
    }

    /** key_output. @return errno of the write */
    synchronized int output(SimulatedKeySocket socket, byte[] written) {
        boolean whole = written.length >= KeyMessage.HEADER
                && ((written[4] & 0xff) | (written[5] & 0xff) << 8) * 8 == written.length;
        if (!whole) {
            return EINVAL;
        }
        if ((written[0] & 0xff) != PF_KEY_V2 || (written[1] & 0xff) > SADB_MAX) {
            byte[] reply = written.clone();
            reply[2] = EINVAL;
            return sendUp(socket, reply, Target.ONE);
        }
        if (written.length > MCLBYTES) {
            return ENOBUFS;
        }
        KeyMessage message;
        try {
            message = new KeyMessage(written);
        } catch (Refused e) {
            return e.errno;
        }
        try {
            checkSatype(message);
            checkAddresses(message);
            return serve(socket, message);
        } catch (Refused e) {
            return sendUp(socket, message.withErrno(e.errno), Target.ONE);
        }
    }

    /** key_parse. */
    private static void checkSatype(KeyMessage message) throws Refused {
        int type = message.type();
        int satype = message.satype();
        boolean spd = type == SPDADD
                || type == SPDDELETE
                || type == SPDGET
                || type == SPDFLUSH
                || type == SPDSETIDX
                || type == SPDUPDATE
                || type == SPDDELETE2;
        if (type == SPDDUMP) {
            require(satype == SCOPE_ANY || satype == SCOPE_GLOBAL || satype == SCOPE_IFNET || satype == SCOPE_PCB);
            return;
        }
        switch (satype) {
            case SATYPE_UNSPEC -> require(type > ACQUIRE && type != EXPIRE);
            case SATYPE_AH, SATYPE_ESP, SATYPE_IPCOMP, SATYPE_TCPSIGNATURE -> require(!spd);
            case SATYPE_RSVP, SATYPE_OSPFV2, SATYPE_RIPV2, SATYPE_MIP -> throw new Refused(EOPNOTSUPP);
            default -> require(satype == 1 && type == PROMISC);
        }
    }

    private static void require(boolean good) throws Refused {
        if (!good) {
            throw new Refused(EINVAL);
        }
    }

    /** key_parse. */
    private static void checkAddresses(KeyMessage message) throws Refused {
        if (!message.has(EXT_ADDRESS_SRC, EXT_ADDRESS_DST)) {
            return;
        }
        KeyAddress source = message.address(EXT_ADDRESS_SRC);
        KeyAddress destination = message.address(EXT_ADDRESS_DST);
        require(message.addressProtocol(EXT_ADDRESS_SRC) == message.addressProtocol(EXT_ADDRESS_DST));
        require(source.family() == destination.family() && source.length() == destination.length());
        if (source.family() != AF_INET && source.family() != AF_INET6) {
            throw new Refused(EAFNOSUPPORT);
        }
        require(source.known());
        require(message.prefix(EXT_ADDRESS_SRC) <= source.bits() && message.prefix(EXT_ADDRESS_DST) <= source.bits());
    }

    /** key_typesw. */
    private int serve(SimulatedKeySocket socket, KeyMessage message) throws Refused {
        return switch (message.type()) {
            case GETSPI -> sendUp(socket, sadb.getSpi(message), Target.ONE);
            case UPDATE -> sendUp(socket, sadb.update(message), Target.ALL);
            case ADD -> sendUp(socket, sadb.add(message), Target.ALL);
            case DELETE -> sendUp(socket, sadb.delete(message), Target.ALL);
            case GET -> sendUp(socket, sadb.get(message), Target.ONE);
            case ACQUIRE -> acquire(message);
            case REGISTER -> register(socket, message);
            case FLUSH -> sendUp(socket, sadb.flush(message), Target.ALL);
            case DUMP -> dump(socket, sadb.dump(message));
            case PROMISC -> promisc(socket, message);
            case SPDUPDATE, SPDADD, SPDSETIDX -> sendUp(socket, spd.add(message), Target.ALL);
            case SPDDELETE -> sendUp(socket, spd.delete(message), Target.ALL);
            case SPDGET -> sendUp(socket, spd.get(message), Target.ONE);
            case SPDDUMP -> dump(socket, spd.dump(message));
            case SPDFLUSH -> sendUp(socket, spd.flush(message), Target.ALL);
            case SPDDELETE2 -> sendUp(socket, spd.delete2(message), Target.ALL);
            default -> throw new Refused(EINVAL);
        };
    }

    /** Whatever does not fit is lost, and the write succeeds all the same. */
    private int dump(SimulatedKeySocket socket, List<byte[]> replies) {
        replies.forEach(reply -> sendUp(socket, reply, Target.ONE));
        return 0;
    }

    /** key_register. */
    private int register(SimulatedKeySocket socket, KeyMessage message) throws Refused {
        if (message.satype() != SATYPE_UNSPEC && !socket.register(message.satype())) {
            throw new Refused(EEXIST);
        }
        byte[] reply = new Reply(message.header()).put(Algorithms.supported()).bytes();
        return sendUp(socket, reply, Target.REGISTERED);
    }

    /** key_acquire2. */
    private int acquire(KeyMessage message) throws Refused {
        if (message.length() == KeyMessage.HEADER) {
            if (message.seq() != 0 && message.errno() != 0) {
                acquires.reset(message.seq());
            }
            return 0;
        }
        require(message.has(EXT_ADDRESS_SRC, EXT_ADDRESS_DST, EXT_PROPOSAL));
        SaIndex index = Sadb.index(message);
        if (sadb.knows(index)) {
            throw new Refused(EEXIST);
        }
        tell(acquires.acquire(index, null));
        return 0;
    }

    /** key_promisc. */
    private int promisc(SimulatedKeySocket socket, KeyMessage message) throws Refused {
        if (message.length() > KeyMessage.HEADER) {
            byte[] inner = message.withErrno(message.errno());
            byte[] rest = new byte[inner.length - KeyMessage.HEADER];
            System.arraycopy(inner, KeyMessage.HEADER, rest, 0, rest.length);
            return sendUp(socket, rest, Target.ALL);
        }
        require(message.satype() <= 1);
        socket.setPromiscuous(message.satype() == 1);
        return sendUp(socket, message.withErrno(0), Target.ALL);
    }

    /** key_sendup_mbuf. @param asker null: nobody asked @return 0, or ENOBUFS if the asker's buffer is full */
    private int sendUp(@Nullable SimulatedKeySocket asker, byte[] message, Target target) {
        for (SimulatedKeySocket socket : List.copyOf(sockets)) {
            if (socket.promiscuous()) {
                socket.deliver(new Reply(PROMISC, 0, 0, 0, 0).put(message).bytes());
            }
            boolean meant = target == Target.ALL || (target == Target.REGISTERED && socket.registered());
            if (socket != asker && meant) {
                socket.deliver(message);
            }
        }
        return asker == null ? 0 : asker.deliver(message);
    }

    private void tell(byte @Nullable [] acquire) {
        if (acquire != null) {
            sendUp(null, acquire, Target.REGISTERED);
        }
    }

    /** key_timehandler, which runs once a second. */
    public synchronized void tick() {
        spd.expire().forEach(message -> sendUp(null, message, Target.REGISTERED));
        sadb.expire().forEach(message -> sendUp(null, message, Target.REGISTERED));
        acquires.expire();
    }

    /** What becomes of a packet that the host sends or forwards, by its outbound policies. Asks for SAs. */
    public synchronized Verdict outbound(Packet packet) {
        return dataPlane.outbound(packet, this::tell);
    }

    /** What becomes of a packet in the clear that has come in, for the host or to be forwarded, by the inbound policies. */
    public synchronized Verdict inbound(Packet packet) {
        return dataPlane.inbound(packet);
    }

    @Override
    public boolean sends(Flow flow) {
        return outbound(packet(flow)).goesOn();
    }

    @Override
    public boolean accepts(Flow flow) {
        return inbound(packet(flow)).goesOn();
    }

    private static Packet packet(Flow flow) {
        return new Packet(
                flow.source(), flow.destination(), flow.protocol(), flow.sourcePort(), flow.destinationPort(), false);
    }

    /** SADB_ACQUIRE, as a packet of the policy with that id would cause. @return false: there is no such policy of ESP or AH */
    public synchronized boolean acquire(int policyId) {
        for (Policy policy : spd.all(SCOPE_GLOBAL | SCOPE_IFNET)) {
            if (policy.id == policyId && !policy.requests.isEmpty()) {
                PolicyRequest first = policy.requests.get(0);
                SaIndex index =
                        new SaIndex(first.protocol(), first.mode(), first.reqid(), first.source(), first.destination());
                tell(acquires.acquire(index, policy));
                return true;
            }
        }
        return false;
    }

    /** What if_ipsec(4) does when it gets its tunnel addresses: four policies of its own, in and out, for both families. */
    public synchronized void addInterfacePolicies(int index, int reqid, InetAddress local, InetAddress remote) {
        for (int direction = INBOUND; direction <= OUTBOUND; direction++) {
            KeyAddress from = KeyAddress.of(direction == OUTBOUND ? local : remote, 0);
            KeyAddress to = KeyAddress.of(direction == OUTBOUND ? remote : local, 0);
            for (KeyAddress any : List.of(KeyAddress.ANY_INET, KeyAddress.ANY_INET6)) {
                Policy policy = new Policy(direction, any, 0, any, 0, PROTO_ANY);
                policy.type = POLICY_IPSEC;
                policy.priority = index;
                policy.requests.add(new PolicyRequest(PROTO_ESP, MODE_TUNNEL, LEVEL_UNIQUE, reqid, from, to));
                spd.register(policy);
                sendUp(null, policy.dump(SPDADD, 0, 0, 1), Target.ALL);
            }
        }
    }

    /** @param index of the if_ipsec(4) interface that lost its addresses */
    public synchronized void removeInterfacePolicies(int index) {
        for (Policy policy : spd.unregister(index)) {
            sendUp(null, policy.dump(SPDDELETE, 0, 0, 1), Target.ALL);
        }
    }

    /** Messages that any of the sockets that are open had no room for. */
    public synchronized int lost() {
        return sockets.stream().mapToInt(SimulatedKeySocket::lost).sum();
    }

    /** The SPD in the order of a dump, one line a policy, for assertions and their messages. */
    public synchronized List<String> policies() {
        return spd.all(SCOPE_GLOBAL | SCOPE_IFNET).stream()
                .map(Policy::toString)
                .toList();
    }
}

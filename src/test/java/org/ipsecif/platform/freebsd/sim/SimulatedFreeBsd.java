package org.ipsecif.platform.freebsd.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.ipsecif.platform.freebsd.sim.Ifnet.Ifaddr;
import org.ipsecif.platform.freebsd.sim.RouteTable.Route;
import org.jspecify.annotations.Nullable;

/**
 * One FreeBSD host: a kernel that processes call by {@link SimulatedProcess}, and an administrator's hands on it. Written from the facts
 * that headers and sources of FreeBSD tell, and as strict.
 */
public final class SimulatedFreeBsd {
    private static final long PING_MILLIS = 10_000;
    private static final int PING_SIZE = 64;

    final Object lock;
    private final Network network;
    private final Interfaces interfaces = new Interfaces(this);
    private final Routing routing = new Routing(this);
    private final RouteTable routes = new RouteTable(this);
    private final Devices devices = new Devices(this);
    private final Sockets sockets = new Sockets(this);
    private final Sysctls sysctls = new Sysctls(this);
    private final IpStack stack = new IpStack(this);
    private final Devd devd = new Devd(this);
    private final Map<String, UnixSocket> unixNames = new HashMap<>();
    private final List<Kqueue> kqueues = new ArrayList<>();
    private final List<SimulatedProcess> processes = new ArrayList<>();
    private final SimulatedProcess kernelProcess = new SimulatedProcess(this, 0);
    private final byte[] bootIdentity = bytes(UUID.randomUUID());
    private final Ifnet loopback;
    private int lastPid = 1000;
    private int release = 14;
    private int fibs = 1;
    private int processFib;
    private boolean clonesDevices = true;
    private int pings;
    private @Nullable KeyKernel keyKernel;

    /** With lo0, devd(8), no IPsec in the kernel, and no interface at the network yet. */
    public SimulatedFreeBsd(Network network) {
        this.network = network;
        lock = network.lock;
        loopback = new Ether.Loopback(this, interfaces.nextIndex());
        synchronized (lock) {
            devd.start();
            interfaces.attach(loopback);
            interfaces.addAddress(loopback, new Ifaddr(Address.of("127.0.0.1"), 8, Address.of("127.0.0.1")));
            interfaces.addAddress(loopback, new Ifaddr(Address.of("::1"), 128, null));
        }
    }

    /** The 16 bytes of kern.boot_id. */
    private static byte[] bytes(UUID random) {
        byte[] bytes = Words.put64(new byte[16], 0, random.getMostSignificantBits());
        return Words.put64(bytes, 8, random.getLeastSignificantBits());
    }

    /** A new process, with no descriptor that is of interest. */
    public SimulatedProcess process() {
        synchronized (lock) {
            SimulatedProcess process = new SimulatedProcess(this, ++lastPid);
            processes.add(process);
            return process;
        }
    }

    /** The kernel has IPsec and PF_KEY from now on: it takes inbound ESP for itself. */
    public void setKeyKernel(KeyKernel kernel) {
        synchronized (lock) {
            keyKernel = kernel;
        }
    }

    /** @param major 13: no SO_RERROR; 14, as at first, or later */
    public void setRelease(int major) {
        release = major;
    }

    /** net.link.tun.devfs_cloning: whether to open a tun(4) device that is not there makes it. At first it does. */
    public void setClonesDevices(boolean yes) {
        clonesDevices = yes;
    }

    /** An Ethernet interface at the network, up, with these addresses: {@code 192.0.2.1/24}. */
    public void addEthernet(String name, String... addresses) {
        with(() -> {
            Ether made = new Ether(this, name, interfaces.nextIndex(), network);
            interfaces.attach(made);
            for (String each : addresses) {
                addAddress(name, each);
            }
            return made;
        });
    }

    /** An interface of another driver, whose name others want: {@code ipsec} is the group of if_ipsec(4)'s. */
    public void addInterface(String name, String group) {
        with(() -> {
            interfaces.attach(new Ether.Inert(this, name, group, interfaces.nextIndex()));
            return name;
        });
    }

    /** As {@code ifconfig tun create name NAME}. @return the driver's name */
    public String createTun(String name) {
        return with(() -> {
            Tun made = devices.create("");
            if (!name.isEmpty()) {
                interfaces.rename(made, name);
            }
            return made.driverName;
        });
    }

    /** As {@code ifconfig NAME fib FIB}. */
    public void setFib(String name, int fib) {
        with(() -> {
            interfaces.find(name).fib = fib;
            return name;
        });
    }

    /** As {@code ifconfig NAME destroy}; it waits, as that does. */
    public void destroy(String name) {
        with(() -> {
            devices.destroy(kernelProcess, interfaces.find(name));
            return name;
        });
    }

    /** As {@code ifconfig NAME name TO}. */
    public void rename(String name, String to) {
        with(() -> {
            interfaces.rename(interfaces.find(name), to);
            return name;
        });
    }

    /**
     * As {@code ifconfig NAME ADDRESS alias}.
     *
     * @param address {@code 10.0.0.1/30}, or {@code 10.0.0.1/30 10.0.0.2} with a destination
     */
    public void addAddress(String name, String address) {
        with(() -> {
            Ifnet which = interfaces.find(name);
            Ifaddr made = parse(address);
            boolean first = which.addresses.isEmpty();
            boolean wasUp = which.is(Ifnet.IFF_UP);
            if (first || made.local().family() == Address.AF_INET) {
                which.addressSet();
            }
            interfaces.addAddress(which, made);
            if (!wasUp && which.is(Ifnet.IFF_UP)) {
                interfaces.up(which);
            }
            changed();
            return made;
        });
    }

    private static Ifaddr parse(String text) {
        String[] words = text.split("[/ ]", -1);
        Address destination = words.length > 2 ? Address.of(words[2]) : null;
        return new Ifaddr(Address.of(words[0]), Integer.parseInt(words[1]), destination);
    }

    /** As {@code ifconfig NAME ADDRESS -alias}. */
    public void removeAddress(String name, String address) {
        with(() -> {
            Ifnet which = interfaces.find(name);
            Ifaddr found = which.find(Address.of(address));
            KernelError.when(found == null, KernelError.EADDRNOTAVAIL);
            interfaces.removeAddress(which, found);
            return name;
        });
    }

    /** As {@code ifconfig NAME up}, or {@code down}. */
    public void setUp(String name, boolean up) {
        with(() -> {
            Ifnet which = interfaces.find(name);
            if (up && !which.is(Ifnet.IFF_UP)) {
                interfaces.up(which);
            } else if (!up && which.is(Ifnet.IFF_UP)) {
                interfaces.down(which);
            }
            changed();
            return name;
        });
    }

    public void setMtu(String name, int mtu) {
        with(() -> {
            InterfaceControl.setMtu(interfaces.find(name), mtu);
            return name;
        });
    }

    /** As {@code route add -net NETWORK GATEWAY}. @param gateway an address, or an interface's name */
    public void addRoute(String network, String gateway) {
        addRoute(network, gateway, 0);
    }

    /** Likewise with {@code -fib N}. */
    public void addRoute(String network, String gateway, int fib) {
        with(() -> {
            String[] words = network.split("/", 2);
            Address destination = Address.of(words[0]);
            int bits = Integer.parseInt(words[1]);
            Ifnet out = interfaces.named(gateway);
            Address next = out == null ? Address.of(gateway) : null;
            if (out == null) {
                Route towards = routes.find(next, fib);
                KernelError.when(towards == null, KernelError.EHOSTUNREACH);
                out = towards.out();
            }
            int flags = RouteTable.RTF_UP | RouteTable.RTF_STATIC | (next == null ? 0 : RouteTable.RTF_GATEWAY);
            routes.add(new Route(destination.masked(bits), bits, next, out, null, flags, 0, fib));
            return network;
        });
    }

    /** An interface as {@code ifconfig -a} shows it; null if there is none. Addresses as {@link #addAddress} takes them. */
    public record Shown(
            String name,
            String driver,
            int index,
            boolean up,
            boolean carrier,
            int mtu,
            String description,
            int flags,
            int fib,
            List<String> addresses) {}

    public @Nullable Shown show(String name) {
        return with(() -> {
            Ifnet which = interfaces.named(name);
            if (which == null) {
                return null;
            }
            List<String> addresses = InterfaceControl.configured(which).stream()
                    .map(each -> each.local() + "/" + each.prefixLength()
                            + (each.destination() == null ? "" : " " + each.destination()))
                    .toList();
            return new Shown(
                    name,
                    which.driverName,
                    which.index,
                    which.is(Ifnet.IFF_UP),
                    which.linkState != Ifnet.LINK_STATE_DOWN,
                    which.mtu,
                    which.description == null ? "" : which.description,
                    which.flags,
                    which.fib,
                    addresses);
        });
    }

    /** Names of all interfaces. */
    public List<String> interfaceNames() {
        return with(() -> interfaces.all().stream().map(Ifnet::name).toList());
    }

    /** Destinations that go out by this interface: {@code 10.0.0.2/32}. */
    public List<String> routesOf(String name) {
        return with(() -> routes.all().stream()
                .filter(each -> each.out().name.equals(name))
                .map(each -> each.destination() + "/" + each.bits())
                .toList());
    }

    /** As {@code ping -S FROM TO}: one request. @return whether the answer came within ten seconds */
    public boolean ping(String from, String to) {
        return ping(from, to, PING_SIZE);
    }

    /** @param size bytes of the ICMP message */
    public boolean ping(String from, String to, int size) {
        return ping(from, to, size, PING_MILLIS);
    }

    /** Likewise. @param millis to wait for the answer */
    public boolean ping(String from, String to, int size, long millis) {
        return ping(0, from, to, size, millis);
    }

    /** As {@code setfib FIB ping}. */
    public boolean ping(int fib, String from, String to) {
        return ping(fib, from, to, PING_SIZE, PING_MILLIS);
    }

    private boolean ping(int fib, String from, String to, int size, long millis) {
        return with(() -> {
            int sequence = ++pings & 0xffff;
            stack.echo(Address.of(from), Address.of(to), 1, sequence, size, fib);
            return await(
                    kernelProcess,
                    () -> stack.replies().stream()
                            .anyMatch(each -> each.sequence() == sequence && each.length() == size),
                    millis * 1_000_000);
        });
    }

    /** Sends a request, and does not wait. @return 0 or the errno */
    public int pingOnce(String from, String to) {
        return with(() -> stack.echo(Address.of(from), Address.of(to), 1, ++pings & 0xffff, PING_SIZE, 0));
    }

    /** How many sockets of inet(4) and inet6(4) send by this routing table. */
    public long socketsOf(int fib) {
        return with(
                () -> stack.sockets().stream().filter(each -> each.fib == fib).count());
    }

    /** Packets that came and were dropped for this reason: {@code not for us}, {@code ESP to the kernel}, ... */
    public int counter(String reason) {
        return with(() -> stack.counter(reason));
    }

    /** Ends devd(8), whose clients see it. */
    public void stopDevd() {
        with(() -> {
            devd.stop();
            return devd;
        });
    }

    public void startDevd() {
        with(() -> {
            devd.start();
            return devd;
        });
    }

    /** How many listen to devd(8). */
    public int devdClients() {
        return with(devd::clients);
    }

    private <T> T with(Supplier<T> work) {
        synchronized (lock) {
            return work.get();
        }
    }

    /** Waits with the lock. @param nanos negative: for ever. @return whether it is so; false when time is over */
    boolean await(SimulatedProcess by, BooleanSupplier ready, long nanos) {
        long end = System.nanoTime() + nanos;
        while (true) {
            KernelError.when(by.isDead(), KernelError.EBADF);
            if (ready.getAsBoolean()) {
                return true;
            }
            long left = nanos < 0 ? Long.MAX_VALUE : end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            try {
                lock.wait(Math.max(1, Math.min(left / 1_000_000, 3_600_000)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new KernelError(4 /* EINTR */);
            }
        }
    }

    /** Something may be ready. */
    void changed() {
        lock.notifyAll();
    }

    void forget(SimulatedProcess process, int fd) {
        kqueues.forEach(each -> each.forget(process, fd));
    }

    boolean isRunning(int pid) {
        return processes.stream().anyMatch(each -> each.getpid() == pid && !each.isDead());
    }

    Interfaces interfaces() {
        return interfaces;
    }

    Routing routing() {
        return routing;
    }

    RouteTable routes() {
        return routes;
    }

    Devices devices() {
        return devices;
    }

    Sockets sockets() {
        return sockets;
    }

    Sysctls sysctls() {
        return sysctls;
    }

    IpStack stack() {
        return stack;
    }

    Devd devd() {
        return devd;
    }

    Map<String, UnixSocket> unixNames() {
        return unixNames;
    }

    List<Kqueue> kqueues() {
        return kqueues;
    }

    SimulatedProcess kernelProcess() {
        return kernelProcess;
    }

    Ifnet loopback() {
        return loopback;
    }

    byte[] bootIdentity() {
        return bootIdentity;
    }

    int fibs() {
        return fibs;
    }

    /** As {@code sysctl net.fibs=COUNT}. */
    public void setFibs(int count) {
        fibs = count;
    }

    int processFib() {
        return processFib;
    }

    /** What runs on it from now on was started by {@code setfib FIB}: sockets have that table, new interfaces have not. */
    public void setProcessFib(int fib) {
        processFib = fib;
    }

    int release() {
        return release;
    }

    boolean clonesDevices() {
        return clonesDevices;
    }

    @Nullable
    KeyKernel keyKernel() {
        return keyKernel;
    }
}

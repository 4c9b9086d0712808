package org.ipsecif.platform.freebsd.sim;

import org.jspecify.annotations.Nullable;

/** socket(2): which domains, types and protocols there are. */
final class Sockets {
    private static final int PF_KEY = 27;
    private static final int PF_KEY_V2 = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_RAW = 3;

    private final SimulatedFreeBsd host;

    Sockets(SimulatedFreeBsd host) {
        this.host = host;
    }

    Socket open(SimulatedProcess by, int domain, int type, int protocol) {
        switch (domain) {
            case Address.AF_UNIX -> {
                boolean known = type == 1 || type == SOCK_DGRAM || type == 5;
                KernelError.when(!known, KernelError.EPROTOTYPE);
                return new UnixSocket(host, type);
            }
            case Address.AF_INET, Address.AF_INET6 -> {
                return inet(domain, type, protocol);
            }
            case Address.AF_ROUTE -> {
                KernelError.when(type != SOCK_RAW, KernelError.EPROTOTYPE);
                return host.routing().open(protocol);
            }
            case PF_KEY -> {
                @Nullable KeyKernel keys = host.keyKernel();
                KernelError.when(keys == null, KernelError.EAFNOSUPPORT);
                KernelError.when(type != SOCK_RAW, KernelError.EPROTOTYPE);
                KernelError.when(protocol != PF_KEY_V2, KernelError.EPROTONOSUPPORT);
                return new KeySocket(host, keys.open(by.getpid()));
            }
            default -> throw new KernelError(KernelError.EAFNOSUPPORT);
        }
    }

    private Socket inet(int domain, int type, int protocol) {
        if (type == SOCK_RAW) {
            KernelError.when(protocol < 0 || protocol > 255, KernelError.EPROTONOSUPPORT);
            return new RawSocket(host, domain, protocol);
        }
        KernelError.when(type != SOCK_DGRAM, KernelError.EPROTOTYPE);
        KernelError.when(protocol != 0 && protocol != 17, KernelError.EPROTONOSUPPORT);
        return new UdpSocket(host, domain);
    }
}

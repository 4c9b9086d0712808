package org.ipsecif.platform;

import java.util.List;
import java.util.Map;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/** What ifconfig(8) or ip(8) do to an interface that exists. Control thread only. */
public interface LinkConfigurer extends AutoCloseable {
    /** @return the index of the interface with this name, or 0 if there is none */
    int indexOf(String name) throws ErrnoException;

    /** The indices of all interfaces of the host by name. */
    Map<String, Integer> indices() throws ErrnoException;

    /**
     * How packets between two addresses leave the host.
     *
     * @param index of the interface
     * @param mtu bytes: the route's own if it has one, else the interface's; what the kernel learned from ICMP is not in it
     */
    record Route(int index, int mtu) {}

    /**
     * The route that the host has to {@code remote} for packets from {@code local}.
     *
     * @return null if there is none
     */
    @Nullable
    Route route(IpAddress local, IpAddress remote) throws ErrnoException;

    /** Likewise by this routing table; as {@link Platform.Fibs} numbers them. */
    @Nullable
    default Route route(IpAddress local, IpAddress remote, int fib) throws ErrnoException {
        return route(local, remote);
    }

    /**
     * An interface as it is now, whoever made it so.
     *
     * @param up administratively
     * @param carrier whether it can carry packets
     * @param mtu bytes
     * @param description empty if there is none
     * @param dropped packets the host sent into it and dropped there, since the interface came to be
     */
    record Link(boolean up, boolean carrier, int mtu, String description, long dropped) {}

    Link link(int index) throws ErrnoException;

    /** The addresses of all interfaces by index, without IPv6 link-local ones; an interface that has none may be missing. */
    Map<Integer, List<InnerAddress>> addresses() throws ErrnoException;

    /** Likewise of one. */
    List<InnerAddress> addresses(int index) throws ErrnoException;

    /** @param mtu bytes */
    void setMtu(int index, int mtu) throws ErrnoException;

    void setUp(int index, boolean up) throws ErrnoException;

    /** The routing table that packets go by which come out of the interface. */
    default int fib(int index) throws ErrnoException {
        return 0;
    }

    /**
     * What addresses bring into the routing table stays where it is.
     *
     * @throws ErrnoException EINVAL if the host has no such table
     */
    default void setFib(int index, int fib) throws ErrnoException {
        if (fib != 0) {
            throw new ErrnoException("fib " + fib, ErrnoException.EINVAL, "there is none but 0");
        }
    }

    /** @param description free text, empty to remove it; Linux keeps 255 bytes */
    void setDescription(int index, String description) throws ErrnoException;

    /** @throws ErrnoException EEXIST if the interface has it already */
    void addAddress(int index, InnerAddress address) throws ErrnoException;

    /** @return false if the interface does not have it */
    boolean removeAddress(int index, InnerAddress address) throws ErrnoException;

    @Override
    void close();
}

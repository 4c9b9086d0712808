package org.ipsecif.platform;

/** Listens for changes of the host's interfaces and addresses, whoever makes them. One thread reads. */
public interface LinkMonitor extends PacketChannel {
    /**
     * Reads all notices that there are, without waiting. What they say is not told: some may be lost, and {@link LinkConfigurer}
     * knows how things are now.
     *
     * @return positive if there were any; {@link #NOTHING} or {@link #GONE}
     */
    int receive();
}

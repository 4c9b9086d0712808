package org.ipsecif.daemon;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.ipsecif.control.IkeChildStatus;
import org.ipsecif.control.IkeSaStatus;
import org.ipsecif.ike.ChildStatus;
import org.ipsecif.ike.IkeStatus;
import org.ipsecif.ike.message.AddressRange;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.SecurityAssociation;
import org.jspecify.annotations.Nullable;

/** What IKE tells, with what the SAD knows of it. Control thread only. */
final class IkeReport {
    private final Host host;

    IkeReport(Host host) {
        this.host = host;
    }

    List<IkeSaStatus> of(List<IkeStatus> snapshot) {
        return snapshot.stream().map(this::of).toList();
    }

    private IkeSaStatus of(IkeStatus sa) {
        return new IkeSaStatus(
                sa.name(),
                sa.state(),
                sa.initiator(),
                sa.localId().toString(),
                sa.remoteId() == null ? null : sa.remoteId().toString(),
                sa.path().local().toString(),
                sa.path().localPort(),
                sa.path().remote().toString(),
                sa.path().remotePort(),
                String.format("%016x", sa.initiatorSpi()),
                String.format("%016x", sa.responderSpi()),
                TimeUnit.NANOSECONDS.toSeconds(sa.ageNanos()),
                seconds(sa.rekeyNanos()),
                sa.algorithms(),
                sa.localNat(),
                sa.remoteNat(),
                sa.children().stream().map(this::of).toList());
    }

    private static @Nullable Long seconds(long nanos) {
        return nanos < 0 ? null : (Long) TimeUnit.NANOSECONDS.toSeconds(nanos);
    }

    private IkeChildStatus of(ChildStatus child) {
        SecurityAssociation inbound = find(child.localAddress(), child.inboundSpi());
        SecurityAssociation outbound = find(child.remoteAddress(), child.outboundSpi());
        return new IkeChildStatus(
                child.name(),
                child.state(),
                Integer.toUnsignedLong(child.inboundSpi()),
                Integer.toUnsignedLong(child.outboundSpi()),
                child.local().stream().map(AddressRange::text).toList(),
                child.remote().stream().map(AddressRange::text).toList(),
                child.algorithms(),
                child.esn(),
                child.inUdp(),
                value(inbound, sa -> TimeUnit.NANOSECONDS.toSeconds(host.nanoTime() - sa.addedNanos())),
                seconds(child.rekeyNanos()),
                value(inbound, sa -> sa.traffic().packets()),
                value(inbound, sa -> sa.traffic().bytes()),
                value(outbound, sa -> sa.traffic().packets()),
                value(outbound, sa -> sa.traffic().bytes()));
    }

    private @Nullable SecurityAssociation find(IpAddress destination, int spi) {
        return host.sad().find(destination, spi);
    }

    private static long value(@Nullable SecurityAssociation sa, ToLongFunction<SecurityAssociation> what) {
        return sa == null ? 0 : what.applyAsLong(sa);
    }
}

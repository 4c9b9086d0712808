package org.ipsecif.tunnel;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.sa.Flow;
import org.ipsecif.sa.SecurityAssociation;

/** What the workers told the control thread. */
final class HostEvents implements TunnelEvents {
    final List<SecurityAssociation> expiring = new ArrayList<>();
    final List<SecurityAssociation> expired = new ArrayList<>();
    final List<QuotedEsp> tooBig = new ArrayList<>();
    final List<Integer> mtus = new ArrayList<>();
    int routeTooSmall;
    final List<Flow> acquired = new ArrayList<>();
    int acquires;

    /** First bytes of packets that are none of their SA's. */
    final List<byte[]> mismatches = new ArrayList<>();

    @Override
    public void mismatch(TunnelInterface tunnel, SecurityAssociation sa, byte[] start) {
        mismatches.add(start);
    }

    @Override
    public void expiring(SecurityAssociation sa) {
        expiring.add(sa);
    }

    @Override
    public void expired(SecurityAssociation sa) {
        expired.add(sa);
    }

    @Override
    public void acquire(TunnelInterface tunnel, Flow packet) {
        acquired.add(packet);
        acquires++;
    }

    @Override
    public void routeTooSmall(TunnelInterface tunnel) {
        routeTooSmall++;
    }

    @Override
    public void gone(TunnelInterface tunnel) {}

    @Override
    public void outerTooBig(QuotedEsp quoted, int mtu) {
        tooBig.add(quoted);
        mtus.add(mtu);
    }
}

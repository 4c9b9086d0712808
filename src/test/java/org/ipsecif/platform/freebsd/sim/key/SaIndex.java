package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.MODE_ANY;

/** struct secasindex; the ports of its addresses are 0 (KEY_SETSECASIDX). */
record SaIndex(int protocol, int mode, int reqid, KeyAddress source, KeyAddress destination) {
    SaIndex {
        source = source.withPort(0);
        destination = destination.withPort(0);
    }

    /** key_cmpsaidx with CMP_HEAD. */
    boolean sameEnds(SaIndex other) {
        return protocol == other.protocol
                && source.same(other.source, false)
                && destination.same(other.destination, false);
    }

    /** key_cmpsaidx with CMP_MODE_REQID, this being the SA's: a wanted reqid of 0 takes any. */
    boolean serves(SaIndex wanted) {
        return (wanted.reqid == 0 || reqid == wanted.reqid)
                && (mode == MODE_ANY || mode == wanted.mode)
                && sameEnds(wanted);
    }
}

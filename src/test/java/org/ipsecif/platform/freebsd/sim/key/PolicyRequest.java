package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.align8;

/** struct ipsecrequest. @param reqid 0 unless the level is unique: key_msg2sp stores no other */
record PolicyRequest(int protocol, int mode, int level, int reqid, KeyAddress source, KeyAddress destination) {
    /** Bytes of its sadb_x_ipsecrequest. */
    int length() {
        return align8(8 + source.length() + destination.length());
    }
}

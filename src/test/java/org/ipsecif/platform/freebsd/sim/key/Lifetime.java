package org.ipsecif.platform.freebsd.sim.key;

import java.nio.ByteBuffer;

/** struct sadb_lifetime without its header; times in seconds. */
record Lifetime(int allocations, long bytes, long addTime, long useTime) {
    static Lifetime of(ByteBuffer extension) {
        return new Lifetime(extension.getInt(4), extension.getLong(8), extension.getLong(16), extension.getLong(24));
    }
}

package org.ipsecif.daemon;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.ReqidRange;

/** Gives interfaces their reqids: unique among ours, and nobody else's in the kernel's SPD. Control thread only. */
final class Reqids {
    private final KernelSpd kernelSpd;
    private final Leftovers leftovers;
    private final ReqidAllocator allocator;

    Reqids(KernelSpd kernelSpd, Leftovers leftovers, ReqidRange range) {
        this.kernelSpd = kernelSpd;
        this.leftovers = leftovers;
        this.allocator = new ReqidAllocator(range);
    }

    /**
     * Fills in an automatic reqid, which is the one that the interface had, if it had one.
     *
     * @param current the interface's reqid until now, 0 for none
     * @param others all other interfaces
     * @throws RefusedException if the one asked for is somebody else's
     */
    InterfaceConfig assign(InterfaceConfig wanted, int current, Collection<ManagedInterface> others)
            throws ErrnoException, RefusedException {
        int known = current != 0 ? current : leftover(wanted.name());
        int asked = wanted.reqid() != 0 ? wanted.reqid() : known;
        if (asked == current && current != 0) {
            return wanted.withReqid(current);
        }
        Set<Integer> taken = new HashSet<>(kernelSpd.idsInUse());
        for (ManagedInterface other : others) {
            if (asked != 0 && other.config().reqid() == asked) {
                throw new RefusedException(
                        wanted.name() + ": reqid " + Integer.toUnsignedString(asked) + " is " + other.name() + "'s");
            }
            taken.add(other.config().reqid());
        }
        if (asked != 0 && taken.contains(asked)) {
            throw new RefusedException(wanted.name() + ": reqid or if_id " + Integer.toUnsignedString(asked)
                    + " is in use by another program's policy in the kernel");
        }
        int reqid = asked != 0 ? asked : automatic(wanted.name(), taken);
        if (reqid == 0) {
            throw new RefusedException(wanted.name() + ": no automatic reqid is free; give one");
        }
        return wanted.withReqid(reqid);
    }

    private int leftover(String name) {
        StateDirectory.Entry entry = leftovers.find(name);
        return entry == null ? 0 : (int) entry.reqid();
    }

    private int automatic(String name, Set<Integer> taken) {
        leftovers.all().forEach(entry -> taken.add((int) entry.reqid()));
        return allocator.allocate(name, taken);
    }
}

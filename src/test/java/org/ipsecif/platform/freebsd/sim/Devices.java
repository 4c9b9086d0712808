package org.ipsecif.platform.freebsd.sim;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** devfs(4): what open(2) finds below /dev. A renamed tun(4) interface has its new name there too, as an alias. */
final class Devices {
    private static final Pattern TUN = Pattern.compile("/dev/tun([0-9]{0,5})");

    /** The descriptor must be open for this to be said: SIOCIFDESTROY waits for it. */
    private static final long PATIENCE = 20_000_000_000L;

    private final SimulatedFreeBsd host;

    Devices(SimulatedFreeBsd host) {
        this.host = host;
    }

    OpenFile open(SimulatedProcess by, String path, int flags) {
        if (path.equals("/dev/bpf") || path.equals("/dev/bpf0")) {
            return new BpfDevice(host, flags & OpenFile.O_ACCMODE);
        }
        for (Ifnet each : host.interfaces().all()) {
            if (each instanceof Tun tun && (path.equals("/dev/" + tun.driverName) || path.equals("/dev/" + tun.name))) {
                return tun.open(by);
            }
        }
        Matcher matcher = TUN.matcher(path);
        KernelError.when(!matcher.matches() || !host.clonesDevices(), KernelError.ENOENT);
        return create(matcher.group(1)).open(by);
    }

    /** The cloner: the least unit that is free, or this one. @throws KernelError EEXIST if it is not */
    Tun create(String wanted) {
        int unit = 0;
        if (wanted.isEmpty()) {
            while (isTaken(unit)) {
                unit++;
            }
        } else {
            unit = Integer.parseInt(wanted);
            KernelError.when(unit > 0x7fff, KernelError.EINVAL);
            KernelError.when(isTaken(unit), KernelError.EEXIST);
        }
        Tun tun = new Tun(host, unit, host.interfaces().nextIndex());
        host.interfaces().attach(tun);
        return tun;
    }

    private boolean isTaken(int unit) {
        return host.interfaces().all().stream().anyMatch(each -> each.driverName.equals("tun" + unit));
    }

    /** SIOCIFDESTROY of a cloned interface, which waits until nobody has its device open. */
    void destroy(SimulatedProcess by, Ifnet which) {
        KernelError.when(!(which instanceof Tun) && !which.groups.contains("ipsec"), KernelError.EINVAL);
        if (which instanceof Tun tun) {
            tun.die();
            if (!host.await(by, () -> !tun.isOpen(), PATIENCE)) {
                throw new IllegalStateException("SIOCIFDESTROY " + which.name + " waits for ever: its device is open");
            }
        }
        host.interfaces().detach(which);
    }
}

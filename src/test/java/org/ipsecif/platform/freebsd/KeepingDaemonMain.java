package org.ipsecif.platform.freebsd;

import java.util.concurrent.CountDownLatch;
import org.ipsecif.platform.posix.LibC;

/** A daemon that opens a device, a FIFO here, has it held, says so, and goes on for ever: {@code SOCKET DEVICE}. */
final class KeepingDaemonMain {
    private static final int O_WRONLY = 1;

    private KeepingDaemonMain() {}

    public static void main(String[] args) throws Exception {
        int fd = LibC.LIBC.open(args[1], O_WRONLY);
        Holders holders = new Holders(args[0]);
        new TunHolderClient(LinuxAsFreeBsd.posix(), args[0], holders, 1).keep("ipsec0", 7, fd);
        holders.awaitStart();
        holders.awaitHeld("ipsec0");
        System.out.println("held");
        new CountDownLatch(1).await();
    }
}

package org.ipsecif.platform.freebsd;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Says who it is, and for a minute nothing else. */
final class HangingMain {
    private HangingMain() {}

    public static void main(String[] args) throws InterruptedException {
        System.out.println(ProcessHandle.current().pid());
        new CountDownLatch(1).await(60, TimeUnit.SECONDS);
    }
}

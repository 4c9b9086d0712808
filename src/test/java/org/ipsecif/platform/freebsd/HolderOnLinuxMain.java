package org.ipsecif.platform.freebsd;

/** {@link TunHolderMain} as a process of its own on Linux, that does not wait long for somebody to come back. */
final class HolderOnLinuxMain {
    static final long IDLE_NANOS = 500_000_000L;

    private HolderOnLinuxMain() {}

    public static void main(String[] args) {
        System.exit(TunHolderMain.run(LinuxAsFreeBsd.ofProcess(), args, System.out, IDLE_NANOS));
    }
}

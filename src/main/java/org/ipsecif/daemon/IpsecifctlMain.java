package org.ipsecif.daemon;

import org.ipsecif.capture.DecryptCommand;
import org.ipsecif.control.Ipsecifctl;

/** {@code ipsecifctl}: the commands that ask the daemon, and those that do without it. */
public final class IpsecifctlMain {
    private IpsecifctlMain() {}

    public static void main(String[] args) {
        Ipsecifctl.main(args, new DecryptCommand());
    }
}

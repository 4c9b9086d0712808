package org.ipsecif.platform.linux;

import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.KernelCopies;
import org.ipsecif.platform.KernelMonitor;
import org.ipsecif.platform.Opening;
import org.ipsecif.platform.PolicyInstaller;
import org.ipsecif.platform.ReqidRange;
import org.ipsecif.platform.pfkey.Dialect;
import org.ipsecif.platform.pfkey.PfKeyMonitor;
import org.ipsecif.platform.pfkey.PfKeyPolicyInstaller;
import org.ipsecif.platform.pfkey.VerbatimCopies;
import org.ipsecif.platform.posix.Posix;
import org.jspecify.annotations.Nullable;

/** The ways to the one SPD that Linux has. */
public enum LinuxSpd {
    XFRM {
        /** Automatic ones as if_ipsec(4) gives them, above those that setkey(8) takes by hand (1 to 32,767); the kernel takes all. */
        @Override
        ReqidRange reqids() {
            return new ReqidRange(0x8000, 0xffff, -1);
        }

        @Override
        KernelCopies kernelCopies() {
            return KernelCopies.SAME;
        }

        @Override
        String requirement() {
            return "no XFRM sockets (CONFIG_XFRM_USER)";
        }

        @Override
        @Nullable
        PolicyInstaller openInstaller() throws ErrnoException {
            return Opening.ifThere(XfrmPolicyInstaller::new, LinuxSpd::saysNoXfrm);
        }

        @Override
        @Nullable
        KernelMonitor openMonitor(int receiveBuffer) throws ErrnoException {
            return Opening.ifThere(() -> new XfrmMonitor(receiveBuffer), LinuxSpd::saysNoXfrm);
        }
    },

    /** Whoever asks for it wants it: where there is none, that is an error. */
    PFKEY {
        /** IPSEC_MANUAL_REQID_MAX of linux/ipsec.h is the highest. */
        @Override
        ReqidRange reqids() {
            return ReqidRange.PF_KEY;
        }

        @Override
        KernelCopies kernelCopies() {
            return new VerbatimCopies(Dialect.LINUX);
        }

        @Override
        String requirement() {
            return "no PF_KEY sockets (CONFIG_NET_KEY, module af_key)";
        }

        @Override
        PolicyInstaller openInstaller() throws ErrnoException {
            try {
                return new PfKeyPolicyInstaller(Posix.POLLING, Dialect.LINUX);
            } catch (ErrnoException e) {
                throw explained(e);
            }
        }

        @Override
        KernelMonitor openMonitor(int receiveBuffer) throws ErrnoException {
            try {
                return new PfKeyMonitor(Posix.POLLING, Dialect.LINUX, receiveBuffer, PfKeyMonitor.Interest.CHANGES);
            } catch (ErrnoException e) {
                throw explained(e);
            }
        }

        private ErrnoException explained(ErrnoException e) {
            return Dialect.LINUX.saysAbsent(e.errno())
                    ? new ErrnoException(
                            "kernel-spd = pfkey", e.errno(), "the kernel has " + requirement() + ", but may have xfrm")
                    : e;
        }
    };

    /** errno(3). */
    private static final int EPROTONOSUPPORT = 93;

    abstract ReqidRange reqids();

    abstract KernelCopies kernelCopies();

    /** What a kernel lacks that does not have it. */
    abstract String requirement();

    /** Null where the kernel has no SPD, and nobody has said how it is reached. */
    @Nullable
    abstract PolicyInstaller openInstaller() throws ErrnoException;

    /** Likewise. */
    @Nullable
    abstract KernelMonitor openMonitor(int receiveBuffer) throws ErrnoException;

    /** netlink(7): {@code socket} fails with EPROTONOSUPPORT where the kernel does not have the family. */
    static boolean saysNoXfrm(ErrnoException e) {
        return e.errno() == EPROTONOSUPPORT;
    }
}

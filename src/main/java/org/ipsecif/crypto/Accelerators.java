package org.ipsecif.crypto;

import org.jspecify.annotations.Nullable;

/** The process's {@link CipherAccelerator}, as a JCE provider is the process's: chosen at start, for the SAs made after that. */
public final class Accelerators {
    private static volatile @Nullable CipherAccelerator current;

    private Accelerators() {}

    /** @param accelerator null for none */
    public static void use(@Nullable CipherAccelerator accelerator) {
        current = accelerator;
    }

    /** Null if there is none. */
    public static @Nullable CipherAccelerator current() {
        return current;
    }
}

package org.ipsecif.platform;

import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.SecurityPolicy;

/** One step of a change of the kernel's SPD. */
public sealed interface PolicyChange {
    /** The entry that it is about. */
    PolicyKey key();

    /** Adds an entry and never replaces one: EEXIST when there is one with its key. */
    record Install(SecurityPolicy policy) implements PolicyChange {
        @Override
        public PolicyKey key() {
            return PolicyKey.of(policy);
        }
    }

    /** Makes of the entry with the policy's key, whosever it is, what the policy says, in one step; adds it if there is none. */
    record Update(SecurityPolicy policy) implements PolicyChange {
        @Override
        public PolicyKey key() {
            return PolicyKey.of(policy);
        }
    }

    /**
     * Removes the entry with this key: ENOENT when there is none.
     *
     * @param number the {@link InstalledPolicy#number()} of the entry that is meant: where the kernel can be asked so, another that took its
     *     place stays (ENOENT); 0 for whosever it is
     */
    record Remove(PolicyKey key, int number) implements PolicyChange {
        /** Of an entry whose number is not known. */
        public Remove(PolicyKey key) {
            this(key, 0);
        }
    }
}

package org.ipsecif.ike;

import org.jspecify.annotations.Nullable;

/** What came of something that the owner asked for. IKE's thread says it, any thread reads it. */
public final class Attempt {
    private volatile @Nullable String problem;

    void failed(@Nullable String why) {
        problem = why;
    }

    /** Why it has failed, for people; null if it has not, so far. */
    public @Nullable String problem() {
        return problem;
    }
}

package org.ipsecif.tunnel;

/** Whether something that may be in vain is worth a try: as often as it has paid of late, and now and then in any case. One thread at a time. */
final class Habit {
    private static final int MOST = 16;
    private static final int PAID = 2;
    private static final int NOW_AND_THEN = 32;

    private int score;
    private int skipped;

    boolean isWorthATry() {
        if (score > 0) {
            return true;
        }
        skipped++;
        return skipped % NOW_AND_THEN == 0;
    }

    void tried(boolean paid) {
        score = paid ? Math.min(MOST, score + PAID) : Math.max(0, score - 1);
    }
}

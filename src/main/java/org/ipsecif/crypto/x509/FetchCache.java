package org.ipsecif.crypto.x509;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fetched things until they expire, though at least for a minute, and failures for a minute, so that a thousand peers do not wait for one dead server one after
 * another. Whoever asks for what is being fetched waits for that. Any thread.
 */
final class FetchCache<V> {
    /** How to get a value. */
    interface Source<V> {
        Fetched<V> fetch() throws IOException;
    }

    /** @param expires when to fetch anew */
    record Fetched<V>(V value, Instant expires) {}

    private static final Duration LEAST = Duration.ofMinutes(1);

    private final Map<String, Entry<V>> entries;

    /** @param most entries; what was not asked for longest goes */
    FetchCache(int most) {
        entries = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Entry<V>> eldest) {
                return size() > most;
            }
        };
    }

    /** @throws IOException as the source, perhaps its last one again */
    V get(String key, Instant now, Source<V> source) throws IOException {
        Entry<V> entry;
        synchronized (entries) {
            entry = entries.computeIfAbsent(key, absent -> new Entry<>());
        }
        return entry.get(now, source);
    }

    private static final class Entry<V> {
        private @Nullable V value;
        private String failure = "";
        private Instant expires = Instant.MIN;

        synchronized V get(Instant now, Source<V> source) throws IOException {
            if (!now.isBefore(expires)) {
                refresh(now, source);
            }
            if (value == null) {
                throw new IOException(failure);
            }
            return value;
        }

        private static Instant later(Instant one, Instant other) {
            return one.isAfter(other) ? one : other;
        }

        private void refresh(Instant now, Source<V> source) {
            try {
                Fetched<V> fetched = source.fetch();
                value = fetched.value();
                expires = later(fetched.expires(), now.plus(LEAST));
            } catch (IOException e) {
                value = null;
                failure = String.valueOf(e.getMessage());
                expires = now.plus(LEAST);
            }
        }
    }
}

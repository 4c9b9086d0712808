package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HostNamesTest {
    private static final IpAddress ONE = IpAddress.parse("203.0.113.1");
    private static final IpAddress TWO = IpAddress.parse("203.0.113.2");
    private static final IpAddress SIX = IpAddress.parse("2001:db8::1");

    private final Map<String, List<IpAddress>> hosts = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private long now = Long.MAX_VALUE - 5; // wraps, as nanoTime may
    private final HostNames names = new HostNames(this::lookup, Runnable::run, () -> now);

    private List<IpAddress> lookup(String name) throws UnknownHostException {
        asked.add(name);
        List<IpAddress> found = hosts.get(name);
        if (found == null) {
            throw new UnknownHostException(name);
        }
        return found;
    }

    private @Nullable IpAddress resolve(Family family) {
        List<@Nullable IpAddress> answers = new ArrayList<>();
        names.resolve("b.example.org", family, answers::add);
        assertEquals(1, answers.size());
        return answers.get(0);
    }

    @Test
    void familyIsTheOneAskedFor() {
        hosts.put("b.example.org", List.of(ONE, SIX));
        assertEquals(SIX, resolve(Family.INET6));
        assertEquals(ONE, resolve(Family.INET));
        hosts.put("b.example.org", List.of(SIX));
        now += HostNames.KEPT_NANOS;
        assertEquals(null, resolve(Family.INET));
    }

    @Test
    void severalAddressesAreTriedInTurn() {
        hosts.put("b.example.org", List.of(ONE, TWO));
        assertEquals(ONE, resolve(Family.INET));
        assertEquals(TWO, resolve(Family.INET));
        now += HostNames.KEPT_NANOS;
        assertEquals(ONE, resolve(Family.INET));
        now += HostNames.KEPT_NANOS;
        assertEquals(TWO, resolve(Family.INET));
    }

    @Test
    void answerIsKeptForAWhileAndNoLonger() {
        assertEquals(null, resolve(Family.INET));
        assertTrue(names.isUnknown("b.example.org"));
        hosts.put("b.example.org", List.of(ONE));
        now += HostNames.KEPT_NANOS - 1;
        assertEquals(null, resolve(Family.INET));
        assertEquals(1, asked.size());
        now++;
        assertEquals(ONE, resolve(Family.INET));
        assertFalse(names.isUnknown("b.example.org"));
        assertEquals(2, asked.size());
    }

    @Test
    void atTheEndNobodyIsKeptWaiting() {
        HostNames ended = new HostNames(
                this::lookup,
                task -> {
                    throw new RejectedExecutionException();
                },
                () -> now);
        List<@Nullable IpAddress> answers = new ArrayList<>();
        ended.resolve("b.example.org", Family.INET, answers::add);
        assertEquals(1, answers.size());
        assertEquals(null, answers.get(0));
    }

    @Test
    void systemKnowsItself() throws UnknownHostException {
        assertTrue(HostNames.system("localhost").stream()
                .anyMatch(each -> each.equals(IpAddress.parse("127.0.0.1")) || each.equals(IpAddress.parse("::1"))));
    }
}

package org.ipsecif.daemon;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.concurrent.atomic.LongAccumulator;
import javax.management.ListenerNotFoundException;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;
import javax.management.openmbean.CompositeData;
import org.ipsecif.control.MemoryStatus;
import org.ipsecif.platform.Platform;

/** Counts the collector's pauses from its making on, of which Java itself does not keep the longest. Any thread. */
final class MemoryReport implements AutoCloseable {
    private final Platform platform;
    private final List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans().stream()
            .filter(bean -> pauses(bean.getName()))
            .toList();
    private final LongAccumulator longest = new LongAccumulator(Long::max, 0);
    private final NotificationListener listener = (notification, handback) -> note(notification);

    MemoryReport(Platform platform) {
        this.platform = platform;
        for (GarbageCollectorMXBean each : collectors) {
            if (each instanceof NotificationEmitter emitter) {
                emitter.addNotificationListener(listener, null, null);
            }
        }
    }

    /** Whether what a part of a collector counts are pauses: some count what goes on beside the other threads. */
    static boolean pauses(String name) {
        return !name.contains("Concurrent") && !name.contains("Cycles");
    }

    private void note(Notification notification) {
        if (notification.getType().equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)
                && notification.getUserData() instanceof CompositeData data) {
            longest.accumulate(
                    GarbageCollectionNotificationInfo.from(data).getGcInfo().getDuration());
        }
    }

    MemoryStatus status() {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        return new MemoryStatus(
                platform.residentBytes(),
                heap.getUsed(),
                heap.getMax(),
                JavaRuntime.collector(),
                // -1 is what a collector says that does not count
                collectors.stream()
                        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                        .filter(count -> count > 0)
                        .sum(),
                collectors.stream()
                        .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                        .filter(millis -> millis > 0)
                        .sum(),
                longest.get());
    }

    @Override
    public void close() throws ListenerNotFoundException {
        for (GarbageCollectorMXBean each : collectors) {
            if (each instanceof NotificationEmitter emitter) {
                emitter.removeNotificationListener(listener);
            }
        }
    }
}

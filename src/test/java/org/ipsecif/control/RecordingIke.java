package org.ipsecif.control;

import java.util.List;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.jspecify.annotations.Nullable;

/** IKE in memory, as {@link RecordingDaemon}; the first answer of a stream has an event, and the connection fails at the third. */
final class RecordingIke implements IkeControl {
    /** Whether an interface is there. */
    interface Check {
        void require(@Nullable String name) throws RefusedException;
    }

    private final List<String> asked;
    private final Check check;

    RecordingIke(List<String> asked, Check check) {
        this.asked = asked;
        this.check = check;
    }

    @Override
    public List<IkeSaStatus> list(@Nullable String name) throws RefusedException {
        check.require(name);
        return List.of(RecordingDaemon.IKE_SA);
    }

    @Override
    public void up(String name, int seconds) throws RefusedException {
        check.require(name);
        asked.add("ike up " + name + " " + seconds);
        if (name.equals("ipsec8")) {
            throw new RefusedException("ipsec8: " + RecordingDaemon.EVENT.text());
        }
    }

    @Override
    public void down(String name) throws RefusedException {
        check.require(name);
        asked.add("ike down " + name);
    }

    @Override
    public void rekey(String name, @Nullable String what, int seconds) throws RefusedException {
        check.require(name);
        asked.add("ike rekey " + name + " " + what + " " + seconds);
    }

    @Override
    public List<IkeEvent> log(@Nullable String name, int most) throws RefusedException {
        check.require(name);
        asked.add("ike log " + name + " " + most);
        return List.of(RecordingDaemon.EVENT);
    }

    @Override
    public String follow(boolean trace, @Nullable String name) throws RefusedException {
        check.require(name);
        asked.add("ike follow " + trace + " " + name);
        return trace ? "trace" : "log";
    }

    @Override
    public IkeEventBatch next(String stream, int seconds) throws RefusedException {
        asked.add("ike next " + stream);
        long calls = asked.stream().filter(("ike next " + stream)::equals).count();
        if (calls > 2) {
            throw new RefusedException("there is no stream " + stream);
        }
        IkeEvent next = new IkeEvent(8, RecordingDaemon.EVENT.time(), IkeEvent.INFO, "ipsec0", "connecting");
        return stream.equals("trace")
                ? new IkeEventBatch(0, List.of(RecordingDaemon.MESSAGE))
                : new IkeEventBatch(calls == 1 ? 0 : 3, calls == 1 ? List.of(RecordingDaemon.EVENT, next) : List.of());
    }

    @Override
    public IkeKeyFile keys(String name, String table, String file) throws RefusedException {
        check.require(name);
        asked.add("ike keys " + name + " " + table + " " + file);
        return new IkeKeyFile(2, table.equals("esp") ? 1 : 0);
    }
}

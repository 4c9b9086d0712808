package org.ipsecif.platform.freebsd;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.ipsecif.platform.freebsd.sim.SimulatedFreeBsd;
import org.ipsecif.platform.freebsd.sim.SimulatedProcess;
import org.jspecify.annotations.Nullable;

/** The holder of tun(4) devices as a process of a simulated host, which outlives the daemons that start it. */
public final class SimulatedHolder {
    private static final long IDLE_NANOS = 60_000_000_000L;

    private final SimulatedFreeBsd host;
    private final String path;
    private volatile @Nullable SimulatedProcess process;

    /** @param stateDirectory of the daemon, where the holder listens */
    public SimulatedHolder(SimulatedFreeBsd host, Path stateDirectory) {
        this.host = host;
        path = FreeBsdPlatform.holderSocket(stateDirectory);
    }

    /** What a daemon reaches the holder by, and starts it if there is none. */
    public TunHolder of(SimulatedProcess daemon) {
        return new TunHolderClient(KqueueReadiness.posix(daemon), path, starter(daemon), 0);
    }

    private HolderStarter starter(SimulatedProcess daemon) {
        return new HolderStarter() {
            @Override
            public void start() throws IOException {
                if (daemon.hasDied()) {
                    throw new IOException("nobody is there to start it");
                }
                SimulatedHolder.this.start();
            }

            @Override
            public void kill(int pid) {
                if (!daemon.hasDied()) {
                    SimulatedHolder.this.kill();
                }
            }
        };
    }

    private void start() throws IOException {
        SimulatedProcess started = host.process();
        process = started;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8) {
            @Override
            public void println(String line) {
                synchronized (said) {
                    super.println(line);
                    said.notifyAll();
                }
            }
        };
        Thread thread =
                new Thread(() -> TunHolderMain.run(started, new String[] {path}, out, IDLE_NANOS), "tun-holder");
        thread.setDaemon(true);
        thread.start();
        String first;
        synchronized (said) {
            while (said.size() == 0) {
                try {
                    said.wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException(e);
                }
            }
            first = said.toString(StandardCharsets.UTF_8).strip();
        }
        if (!first.equals(TunHolderMain.READY)) {
            throw new IOException(first);
        }
    }

    /** SIGKILL. */
    public void kill() {
        SimulatedProcess holder = process;
        if (holder != null) {
            holder.kill();
        }
    }

    /** Devices that it has open. */
    public int held() {
        SimulatedProcess holder = process;
        return holder == null ? 0 : holder.openTuns();
    }
}

package org.ipsecif.daemon.freebsd;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.ipsecif.daemon.RunningDaemon;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.freebsd.FreeBsdPlatform;
import org.ipsecif.platform.freebsd.SimulatedHolder;
import org.ipsecif.platform.freebsd.TunHolder;
import org.ipsecif.platform.freebsd.sim.Network;
import org.ipsecif.platform.freebsd.sim.SimulatedFreeBsd;
import org.ipsecif.platform.freebsd.sim.SimulatedProcess;
import org.jspecify.annotations.Nullable;

/** Two simulated FreeBSD hosts at one Ethernet, 192.0.2.1 and 192.0.2.2, each with room for a daemon. */
final class TwoHosts {
    /** Keys of manual SAs, the same at both ends. */
    static final String SAS = """
            add 192.0.2.1 192.0.2.2 esp 0x1001 -m tunnel -u 100 -E aes-cbc 0x000102030405060708090a0b0c0d0e0f -A hmac-sha2-256 0x%1$s;
            add 192.0.2.2 192.0.2.1 esp 0x1002 -m tunnel -u 100 -E aes-cbc 0x101112131415161718191a1b1c1d1e1f -A hmac-sha2-256 0x%1$s;
            """.formatted("2021222324252627".repeat(4));

    static final String IPV6_SAS = SAS.replace("192.0.2.", "2001:db8::");

    /** One of the two: 1 or 2. */
    static final class End {
        final SimulatedFreeBsd host;
        final Path directory;
        String local;
        String remote;
        String keys = SAS;
        String more = "";
        final String inner;
        final String innerRemote;
        SimulatedProcess process;

        @Nullable
        SimulatedHolder holder;

        private End(Network network, Path parent, int number) throws Exception {
            host = new SimulatedFreeBsd(network);
            local = "192.0.2." + number;
            remote = "192.0.2." + (3 - number);
            inner = "10.0.0." + number;
            innerRemote = "10.0.0." + (3 - number);
            host.addEthernet("em0", local + "/24", "2001:db8::" + number + "/64");
            directory = Files.createDirectory(parent.resolve("" + number));
            process = host.process();
        }

        /** Its kernel has IPsec from now on. */
        Ipsec enableIpsec() {
            return new Ipsec(host);
        }

        /** Its daemons have a holder of devices from now on. */
        SimulatedHolder enableHolder() {
            SimulatedHolder made = new SimulatedHolder(host, directory.resolve("state"));
            holder = made;
            return made;
        }

        /** The rc.conf that users write, with keys by hand. */
        String manualRcConf() throws Exception {
            Path file = directory.resolve("sas");
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, keys);
            return tunnel() + "ipsecif_ipsec0_sa_file=\"" + file + "\"\n" + more;
        }

        /** Likewise with a secret that IKE takes. */
        String ikeRcConf() throws Exception {
            Path file = directory.resolve("psk");
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, "a secret that both ends know\n");
            return tunnel() + "ipsecif_ipsec0_psk_file=\"" + file + "\"\n" + more;
        }

        private String tunnel() {
            String family = local.contains(":") ? "inet6" : "inet";
            return """
                    create_args_ipsec0="reqid 100"
                    ifconfig_ipsec0="%s tunnel %s %s up"
                    ifconfig_ipsec0_alias0="inet %s/30 %s"
                    """.formatted(family, local, remote, inner, innerRemote);
        }

        /** Starts a daemon, as a process of its own on this host. */
        RunningDaemon start(String rcConf) throws Exception {
            process = host.process();
            return RunningDaemon.start(platform(), directory, rcConf);
        }

        /**
         * The daemon dies as by SIGKILL: its kernel closes all that it had open, and what it had written down is what the next one finds.
         * Its threads are ended too, but reach nothing any more: neither the kernel nor, from before it dies, the records, into which
         * they would write what they see of its death.
         */
        void crash(RunningDaemon daemon) throws Exception {
            Path state = directory.resolve("state");
            Path kept = directory.resolve("kept");
            Files.move(state, kept, StandardCopyOption.ATOMIC_MOVE);
            process.kill();
            daemon.close();
            assertTrue(Files.notExists(state), "a dead daemon has written " + state);
            Files.move(kept, state, StandardCopyOption.ATOMIC_MOVE);
        }

        private FreeBsdPlatform platform() {
            TunHolder held = holder == null ? TunHolder.NONE : holder.of(process);
            return new FreeBsdPlatform(
                    FreeBsdPlatform.kernel(process), OffloadSettings.NONE, held, directory.resolve("state"));
        }
    }

    final Network network = new Network();
    final End one;
    final End two;

    TwoHosts(Path directory) throws Exception {
        one = new End(network, directory, 1);
        two = new End(network, directory, 2);
    }

    List<End> ends() {
        return List.of(one, two);
    }
}

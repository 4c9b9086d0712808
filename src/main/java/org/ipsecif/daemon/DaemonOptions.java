package org.ipsecif.daemon;

import java.nio.file.Path;
import java.util.List;
import org.ipsecif.config.AllowedAlgorithms;
import org.ipsecif.platform.OffloadSettings;
import org.jspecify.annotations.Nullable;

/**
 * What the command line says.
 *
 * @param rcConfs rc.conf files in the order of reading
 * @param conf ipsecif.conf, or null
 * @param hooks directory of executables to run after changes of interfaces; need not exist
 * @param allowed what scripts of manual SAs may name
 * @param othersChanges what to do about others' changes of our entries in the kernel's SPD
 * @param offloads what may be done for many packets at once
 */
record DaemonOptions(
        List<Path> rcConfs,
        @Nullable Path conf,
        Path socket,
        Path stateDirectory,
        Path templates,
        Path hooks,
        AllowedAlgorithms allowed,
        PolicyGuard.Response othersChanges,
        OffloadSettings offloads) {}

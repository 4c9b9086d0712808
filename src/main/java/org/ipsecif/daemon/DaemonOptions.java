package org.ipsecif.daemon;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the command line says.
 *
 * @param rcConfs rc.conf files in the order of reading
 * @param conf ipsecif.conf, or null
 * @param allowAead {@code --insecure-manual-aead}
 */
record DaemonOptions(
        List<Path> rcConfs, @Nullable Path conf, Path socket, Path stateDirectory, Path templates, boolean allowAead) {}

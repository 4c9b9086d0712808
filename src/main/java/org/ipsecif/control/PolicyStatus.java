package org.ipsecif.control;

import java.util.List;

/**
 * An SPD entry.
 *
 * @param name the template's section and instance
 * @param direction {@code in}, {@code out} or {@code fwd}
 * @param protocol {@code any} or the number
 * @param action {@code protect}, {@code bypass} or {@code discard}
 * @param transforms as setkey(8): {@code esp/tunnel/A-B/unique:100}
 * @param scope such as {@code if_id 0x64}
 * @param kernel whether the kernel's SPD holds a copy
 */
public record PolicyStatus(
        String interfaceName,
        String name,
        String direction,
        String source,
        String destination,
        String protocol,
        String action,
        List<String> transforms,
        long priority,
        String scope,
        boolean kernel) {}

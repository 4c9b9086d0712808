package org.ipsecif.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An SPD entry, as the daemon has it and as the kernel has it.
 *
 * @param name the template's section and instance; empty for an entry that only the kernel has
 * @param direction {@code in}, {@code out} or {@code fwd}
 * @param sourcePort {@code any} or the number; with ICMP the type
 * @param destinationPort likewise; with ICMP the code
 * @param protocol {@code any} or the number
 * @param action {@code protect}, {@code bypass} or {@code discard}; of an entry that only the kernel has the word "none"
 * @param transforms as setkey(8): {@code esp/tunnel/A-B/unique:100}
 * @param scope such as {@code if_id 0x64}
 * @param process whether the daemon consults it; otherwise it is for the kernel alone
 * @param kernel {@link #SAME}, {@link #MISSING}, {@link #DIFFERS}, {@link #EXTRA}, {@link #NARROWED}, {@link #ABSENT} or
 *     {@link #NOT_COMPARED}
 * @param kernelEntry what the kernel does with these packets, or null if it has no entry or was not asked
 * @param note why the kernel is to have another entry, or none; else empty
 */
public record PolicyStatus(
        String interfaceName,
        String name,
        String direction,
        String source,
        String sourcePort,
        String destination,
        String destinationPort,
        String protocol,
        String action,
        List<String> transforms,
        long priority,
        String scope,
        boolean process,
        String kernel,
        @Nullable KernelEntry kernelEntry,
        String note) {
    public static final String SAME = "same";
    public static final String MISSING = "missing";
    public static final String DIFFERS = "differs";

    /** The kernel alone has it. */
    public static final String EXTRA = "extra";

    /** The kernel cannot hold it, and is to have others in its place, which follow. */
    public static final String NARROWED = "narrowed";

    /** The kernel cannot hold it. */
    public static final String ABSENT = "absent";

    public static final String NOT_COMPARED = "not compared";

    /** The same, not consulted by the daemon. */
    public PolicyStatus forKernelAlone() {
        return new PolicyStatus(
                interfaceName,
                name,
                direction,
                source,
                sourcePort,
                destination,
                destinationPort,
                protocol,
                action,
                transforms,
                priority,
                scope,
                false,
                kernel,
                kernelEntry,
                note);
    }

    /**
     * What an entry of the kernel's does.
     *
     * @param action as above, or {@code other} for what a template cannot say
     */
    public record KernelEntry(String action, List<String> transforms, long priority) {}
}

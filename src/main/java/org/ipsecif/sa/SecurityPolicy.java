package org.ipsecif.sa;

import java.util.List;

/**
 * One SPD entry, as a template renders it and a kernel holds it.
 *
 * @param name the template's section and the instance in it, such as {@code out/inet}, for messages
 * @param priority lower is consulted first, as in XFRM
 * @param transforms what PROTECT asks for; empty for the other actions
 */
public record SecurityPolicy(
        String name,
        Direction direction,
        Selector selector,
        PolicyAction action,
        List<TransformTemplate> transforms,
        int priority,
        PolicyScope scope) {
    public SecurityPolicy {
        transforms = List.copyOf(transforms);
        if (action == PolicyAction.PROTECT == transforms.isEmpty()) {
            throw new IllegalArgumentException(
                    "policy " + name + ": " + action + " with " + transforms.size() + " transforms");
        }
    }

    /**
     * Whether only the kernel can make use of it: what it says of packets that leave by some device, or by any, is no business of
     * one interface's packets, which are in the process already.
     */
    public boolean isForKernelsAlone() {
        boolean wide = scope instanceof PolicyScope.Device || scope instanceof PolicyScope.Host;
        return wide && action != PolicyAction.PROTECT;
    }

    /** Whether the other does the same with the same packets, whatever its name. */
    public boolean hasSameEffect(SecurityPolicy other) {
        return direction == other.direction
                && selector.equals(other.selector)
                && action == other.action
                && transforms.equals(other.transforms)
                && priority == other.priority
                && scope.equals(other.scope);
    }
}

package org.ipsecif.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a template makes of an interface.
 *
 * @param script the policies as statements of the program that was asked for, or null if none was
 */
public record Rendering(
        List<PolicyStatus> policies, @Nullable String script) {}

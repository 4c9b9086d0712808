package org.ipsecif.control;

import java.util.List;

/**
 * An interface that was made.
 *
 * @param name the name it got
 * @param warnings lines about what is weaker than it could be
 */
public record Created(String name, List<String> warnings) {}

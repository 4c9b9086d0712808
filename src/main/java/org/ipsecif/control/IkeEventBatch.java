package org.ipsecif.control;

import java.util.List;

/**
 * What a stream had.
 *
 * @param lost how many were left out before these, for nobody had asked for so long
 * @param events in order; none if nothing happened
 */
public record IkeEventBatch(long lost, List<IkeEvent> events) {}

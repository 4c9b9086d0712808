package org.ipsecif.control;

/**
 * A template without a mistake.
 *
 * @param sections how many policies it describes
 * @param policies how many an interface that was made up for it got, or -1 if it was tried on none
 * @param note why not; otherwise empty
 */
public record TemplateCheck(int sections, int policies, String note) {}

package org.ipsecif.config;

/**
 * The way to the kernel's SPD as a user set it, with the place, since only the operating system knows whether it has that one.
 *
 * @param file as the user named it
 * @param line from 1
 */
public record GivenSpdAccess(SpdAccess access, String file, int line) {
    public ConfigException error(String problem) {
        return new ConfigException(file, line, SpdAccess.KEY, problem);
    }
}

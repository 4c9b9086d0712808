package org.ipsecif.daemon;

/** The version that the build put into the jar's manifest. */
final class Version {
    static final String STRING = read();

    private Version() {}

    private static String read() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }
}

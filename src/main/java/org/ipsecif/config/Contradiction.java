package org.ipsecif.config;

import org.ipsecif.config.IkeCredentials.Method;
import org.ipsecif.sa.TunnelEndpoints;
import org.jspecify.annotations.Nullable;

/**
 * Settings of an interface that do not go together, or of which one is missing.
 *
 * @param word that would have to change, or to be there
 */
record Contradiction(String word, String problem) {
    /** What is wrong with an interface of which all is said; null if nothing. */
    static @Nullable Contradiction of(InterfaceConfig config) {
        TunnelEndpoints tunnel = config.tunnel();
        TunnelEndpoints open = tunnel != null && tunnel.isAnywhere() ? tunnel : null;
        if (!config.ike().isUsed()) {
            return open != null
                    ? new Contradiction(
                            "tunnel",
                            "a peer that may be anywhere is found by IKE alone; expected an address, or psk_file or cert")
                    : null;
        }
        if (open != null && config.ike().remoteId() == null && config.ike().peerHost() == null) {
            return missing("remote_id", false, "tunnel " + open.local() + " any");
        }
        if (config.saFile() != null) {
            return new Contradiction(
                    "sa_file",
                    "manual SAs, but other words say that IKE makes them; keep one of the two, or say keying manual");
        }
        IkeAddresses addresses = config.ike().addresses();
        if (addresses.assigns() && !addresses.asks().isEmpty()) {
            return new Contradiction(
                    "address", "this end assigns addresses by pool, and asks for none; keep one of the two");
        }
        if (addresses.assigns() && open == null) {
            return new Contradiction("pool", DynamicKinds.POOLS);
        }
        IkeCredentials credentials = config.ike().credentials();
        IkePpk ppk = credentials.ppk();
        boolean wantsPpk = ppk.id() != null || ppk.required();
        if (ppk.file() == null && wantsPpk) {
            return missing("ppk_file", false, ppk.id() != null ? "ppk_id" : "ppk_required");
        }
        boolean secret = credentials.pskFile() != null;
        boolean certificate = !credentials.certificates().isEmpty() || credentials.keyFile() != null;
        if (!secret && !certificate) {
            return new Contradiction(
                    IkeWords.KEYING,
                    "IKE has nothing to authenticate with; expected psk_file, or cert, key and cacert");
        }
        if (secret && certificate && credentials.method() == null) {
            return new Contradiction(
                    "auth", "both psk_file and cert or key; expected one of the two, or auth psk or pubkey");
        }
        return (credentials.method() == null ? certificate : credentials.method() != Method.PSK)
                ? ofCertificate(credentials)
                : missing("psk_file", secret, "auth psk");
    }

    private static @Nullable Contradiction ofCertificate(IkeCredentials credentials) {
        if (credentials.certificates().isEmpty()) {
            return missing("cert", false, credentials.keyFile() == null ? "auth pubkey" : "key");
        }
        return credentials.keyFile() == null
                ? missing(IkeWords.KEY, false, "cert")
                : missing("cacert", !credentials.authorities().isEmpty(), "cert");
    }

    private static @Nullable Contradiction missing(String word, boolean isThere, String other) {
        return isThere
                ? null
                : new Contradiction(word, "not there; " + other + " needs " + word + ", " + IkeWords.expected(word));
    }

    /** For a command, which has no lines. */
    ConfigException toException() {
        return new ConfigException(word + ": " + problem);
    }
}

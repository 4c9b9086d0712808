package org.ipsecif.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * With what an interface's two ends authenticate each other, both in the same way (RFC 7296 section 2.15). Names of
 * files: what is in them is read when the interface is made, and kept in no record.
 *
 * @param method as said by {@code auth}; null if nothing was, see {@link #usedMethod}
 * @param pskFile what {@link PskFile} reads, or null
 * @param certificates files of this end's certificate and then of authorities between it and its root
 * @param keyFile the certificate's private key, which {@link PrivateFile} reads, or null
 * @param authorities files of the roots that vouch for the peer
 * @param revocation what is asked about the peer's certificate
 * @param ppk post-quantum preshared keys
 */
public record IkeCredentials(
        @Nullable Method method,
        @Nullable String pskFile,
        List<String> certificates,
        @Nullable String keyFile,
        List<String> authorities,
        Revocation revocation,
        IkePpk ppk) {
    /** strongSwan's words: {@code psk}, {@code pubkey}. */
    public enum Method {
        PSK,
        PUBKEY,
        /** As the one before, and an RSA key of this end's makes RSASSA-PSS signatures. */
        RSA_PSS
    }

    public enum Revocation {
        /** Nothing. */
        OFF,
        /** What is revoked is refused. */
        SOFT,
        /** So is what nobody says anything about. */
        STRICT
    }

    public static final IkeCredentials NONE =
            new IkeCredentials(null, null, List.of(), null, List.of(), Revocation.SOFT, IkePpk.NONE);

    public IkeCredentials {
        certificates = List.copyOf(certificates);
        authorities = List.copyOf(authorities);
    }

    /** Where nothing was said, what there are files for. */
    public Method usedMethod() {
        return method != null ? method : certificates.isEmpty() ? Method.PSK : Method.PUBKEY;
    }

    IkeCredentials withMethod(Method value) {
        return new IkeCredentials(value, pskFile, certificates, keyFile, authorities, revocation, ppk);
    }

    IkeCredentials withPskFile(String value) {
        return new IkeCredentials(method, value, certificates, keyFile, authorities, revocation, ppk);
    }

    IkeCredentials withCertificates(List<String> value) {
        return new IkeCredentials(method, pskFile, value, keyFile, authorities, revocation, ppk);
    }

    IkeCredentials withKeyFile(String value) {
        return new IkeCredentials(method, pskFile, certificates, value, authorities, revocation, ppk);
    }

    IkeCredentials withAuthorities(List<String> value) {
        return new IkeCredentials(method, pskFile, certificates, keyFile, value, revocation, ppk);
    }

    IkeCredentials withRevocation(Revocation value) {
        return new IkeCredentials(method, pskFile, certificates, keyFile, authorities, value, ppk);
    }

    IkeCredentials withPpk(IkePpk value) {
        return new IkeCredentials(method, pskFile, certificates, keyFile, authorities, revocation, value);
    }
}

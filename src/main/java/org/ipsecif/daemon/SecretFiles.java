package org.ipsecif.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.IkeCredentials;
import org.ipsecif.config.IkePpk;
import org.ipsecif.config.InputFile;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.config.PpkFile;
import org.ipsecif.config.PrivateFile;
import org.ipsecif.config.PskFile;
import org.ipsecif.crypto.x509.CertificateFile;
import org.ipsecif.crypto.x509.CredentialException;
import org.ipsecif.crypto.x509.LocalCertificate;
import org.ipsecif.crypto.x509.PrivateKeyFile;
import org.ipsecif.crypto.x509.RevocationPolicy;
import org.ipsecif.crypto.x509.TrustedAuthorities;
import org.jspecify.annotations.Nullable;

/** The files of one interface's credentials. What is wrong with one is told with its name, the setting's, and never what is in it. */
final class SecretFiles {
    private static final int MAX_KEY_FILE = 1 << 16;
    private static final int MAX_CERTIFICATE_FILE = 4 << 20;

    private final String name;
    private final IkeCredentials credentials;

    private SecretFiles(String name, IkeCredentials credentials) {
        this.name = name;
        this.credentials = credentials;
    }

    /** @throws ConfigException naming file, setting and interface */
    static IkeSecrets read(InterfaceConfig config) throws ConfigException {
        return read(config.name(), config.ike().credentials());
    }

    /** @param name of the interface */
    static IkeSecrets read(String name, IkeCredentials credentials) throws ConfigException {
        return new SecretFiles(name, credentials).read();
    }

    private interface Reader<T> {
        T read() throws ConfigException;
    }

    private <T> T of(String key, Reader<T> reader) throws ConfigException {
        try {
            return reader.read();
        } catch (ConfigException e) {
            throw e.of(key, name);
        }
    }

    private IkeSecrets read() throws ConfigException {
        IkePpk wanted = credentials.ppk();
        String file = wanted.file();
        PpkFile ppks = file == null ? null : of("ppk_file", () -> PpkFile.read(Path.of(file)));
        try {
            return read(ppks, ppks == null ? null : of("ppk_id", () -> entry(ppks, wanted)));
        } catch (ConfigException e) {
            if (ppks != null) {
                ppks.close();
            }
            throw e;
        }
    }

    private static PpkFile.Entry entry(PpkFile ppks, IkePpk wanted) throws ConfigException {
        String id = wanted.id();
        PpkFile.Entry entry = id == null ? ppks.entries().get(0) : ppks.entry(id);
        if (entry == null) {
            throw new ConfigException(wanted.file() + ": no key of that name");
        }
        return entry;
    }

    private IkeSecrets read(@Nullable PpkFile ppks, PpkFile.@Nullable Entry ppk) throws ConfigException {
        if (credentials.usedMethod() == IkeCredentials.Method.PSK) {
            String psk = credentials.pskFile();
            PskFile shared = psk == null ? null : of("psk_file", () -> PskFile.read(Path.of(psk)));
            return new IkeSecrets(shared, ppks, ppk, null, false, null, RevocationPolicy.OFF);
        }
        List<X509Certificate> roots = certificates("cacert", credentials.authorities());
        RevocationPolicy policy = switch (credentials.revocation()) {
            case OFF -> RevocationPolicy.OFF;
            case SOFT -> RevocationPolicy.SOFT_FAIL;
            case STRICT -> RevocationPolicy.HARD_FAIL;
        };
        boolean pss = credentials.usedMethod() == IkeCredentials.Method.RSA_PSS;
        return new IkeSecrets(null, ppks, ppk, local(), pss, new TrustedAuthorities(roots), policy);
    }

    private @Nullable LocalCertificate local() throws ConfigException {
        String keyFile = credentials.keyFile();
        if (keyFile == null) {
            return null;
        }
        List<X509Certificate> chain = certificates("cert", credentials.certificates());
        return of("key", () -> local(keyFile, chain));
    }

    private static LocalCertificate local(String keyFile, List<X509Certificate> chain) throws ConfigException {
        byte[] content = PrivateFile.read(Path.of(keyFile), MAX_KEY_FILE, "private key");
        try {
            return LocalCertificate.of(PrivateKeyFile.read(content, keyFile), chain, keyFile);
        } catch (CredentialException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    private List<X509Certificate> certificates(String key, List<String> files) throws ConfigException {
        List<X509Certificate> all = new ArrayList<>();
        for (String file : files) {
            all.addAll(of(key, () -> certificates(file)));
        }
        return all;
    }

    private static List<X509Certificate> certificates(String file) throws ConfigException {
        try {
            return CertificateFile.readCertificates(InputFile.read(Path.of(file), MAX_CERTIFICATE_FILE), file);
        } catch (IOException e) {
            throw new ConfigException(file + ": " + InputFile.reason(e));
        } catch (CredentialException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }
}

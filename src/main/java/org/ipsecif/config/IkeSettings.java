package org.ipsecif.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.ipsecif.crypto.AlgorithmProposal;
import org.ipsecif.crypto.ProposalNotation;
import org.jspecify.annotations.Nullable;

/**
 * What an interface's settings say of IKEv2. Holds no secrets.
 *
 * @param keying as said by {@code keying}, or IKE by any other of IKE's words; null if nothing was said, which is
 *     manual
 * @param localId text of who this end is, in the form that {@link IdentityForm} checks; null for the tunnel's local
 *     address
 * @param remoteId text of who the peer has to be, or {@link #ANYBODY}; null for the tunnel's remote address
 * @param peerHost name of the peer's host, whose address is looked up whenever it is to be connected; null if the tunnel's remote
 *     address says where it is
 * @param ike proposals for the IKE SA, those liked most first
 * @param esp proposals for Child SAs, likewise
 * @param addresses inner ones that one end assigns to the other
 */
public record IkeSettings(
        @Nullable Keying keying,
        @Nullable String localId,
        @Nullable String remoteId,
        @Nullable String peerHost,
        IkeCredentials credentials,
        List<AlgorithmProposal> ike,
        List<AlgorithmProposal> esp,
        IkeBehaviour behaviour,
        IkeAddresses addresses) {
    /** The peer is whoever authenticates. */
    public static final String ANYBODY = "%any";

    private static final Pattern PATTERN =
            Pattern.compile("((fqdn|email|rfc822):|@)?[*][.@]|.*=\\s*[*]\\s*(,|$)", Pattern.CASE_INSENSITIVE);

    /** Of an interface about which nothing is said. */
    public static final IkeSettings NONE = new IkeSettings(
            null,
            null,
            null,
            null,
            IkeCredentials.NONE,
            ProposalNotation.DEFAULT_IKE,
            ProposalNotation.DEFAULT_ESP,
            IkeBehaviour.DEFAULT,
            IkeAddresses.NONE);

    public IkeSettings {
        ike = List.copyOf(ike);
        esp = List.copyOf(esp);
    }

    /** Whether IKEv2 makes the interface's SAs. */
    public boolean isUsed() {
        return keying == Keying.IKE;
    }

    /** Whether the peer may be anybody. */
    public boolean isRemoteAnybody() {
        return ANYBODY.equals(remoteId);
    }

    /** Whether the peer may be one of many. */
    public boolean isRemoteOneOfMany() {
        return isRemoteAnybody()
                || (remoteId != null && PATTERN.matcher(remoteId).lookingAt());
    }

    /** With exactly this identity. */
    public IkeSettings of(String identity) {
        return withRemoteId(identity);
    }

    /** Lines for the log, about what is weaker than it could be; none if IKE is not used. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (isUsed()) {
            ProposalNotation.warnings(ike).forEach(warning -> warnings.add("ike: " + warning));
            ProposalNotation.warnings(esp).forEach(warning -> warnings.add("esp: " + warning));
            if (isRemoteOneOfMany() && credentials.usedMethod() == IkeCredentials.Method.PSK) {
                warnings.add("remote_id: " + remoteId + ": whoever has the secret may be the peer, under any "
                        + (isRemoteAnybody() ? "name" : "such name"));
            }
        }
        return warnings;
    }

    IkeSettings withKeying(@Nullable Keying value) {
        return new IkeSettings(value, localId, remoteId, peerHost, credentials, ike, esp, behaviour, addresses);
    }

    IkeSettings withLocalId(String value) {
        return new IkeSettings(keying, value, remoteId, peerHost, credentials, ike, esp, behaviour, addresses);
    }

    IkeSettings withRemoteId(String value) {
        return new IkeSettings(keying, localId, value, peerHost, credentials, ike, esp, behaviour, addresses);
    }

    IkeSettings withPeerHost(@Nullable String value) {
        return new IkeSettings(keying, localId, remoteId, value, credentials, ike, esp, behaviour, addresses);
    }

    IkeSettings withCredentials(IkeCredentials value) {
        return new IkeSettings(keying, localId, remoteId, peerHost, value, ike, esp, behaviour, addresses);
    }

    IkeSettings withIke(List<AlgorithmProposal> value) {
        return new IkeSettings(keying, localId, remoteId, peerHost, credentials, value, esp, behaviour, addresses);
    }

    IkeSettings withEsp(List<AlgorithmProposal> value) {
        return new IkeSettings(keying, localId, remoteId, peerHost, credentials, ike, value, behaviour, addresses);
    }

    IkeSettings withBehaviour(IkeBehaviour value) {
        return new IkeSettings(keying, localId, remoteId, peerHost, credentials, ike, esp, value, addresses);
    }

    IkeSettings withAddresses(IkeAddresses value) {
        return new IkeSettings(keying, localId, remoteId, peerHost, credentials, ike, esp, behaviour, value);
    }
}

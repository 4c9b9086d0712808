package org.ipsecif.ike;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.ipsecif.crypto.AlgorithmProposal;
import org.ipsecif.crypto.AlgorithmProposal.Cipher;
import org.ipsecif.crypto.IkeSuite;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyExchangeMethod;
import org.ipsecif.crypto.PseudorandomFunction;
import org.ipsecif.ike.message.EncryptionTransform;
import org.ipsecif.ike.message.EsnTransform;
import org.ipsecif.ike.message.IkeException;
import org.ipsecif.ike.message.IntegrityTransform;
import org.ipsecif.ike.message.NotifyType;
import org.ipsecif.ike.message.Octets;
import org.ipsecif.ike.message.PrfTransform;
import org.ipsecif.ike.message.Proposal;
import org.ipsecif.ike.message.ProtocolId;
import org.ipsecif.ike.message.SaPayload;
import org.ipsecif.ike.message.Transform;
import org.ipsecif.ike.message.TransformId;
import org.ipsecif.ike.message.TransformType;
import org.jspecify.annotations.Nullable;

/** What is offered, and what is chosen of an offer (RFC 7296 sections 2.7, 3.3). */
final class Negotiation {
    private static final int NONE = 0;

    private final ProtocolId protocol;
    private final List<AlgorithmProposal> ours;
    private final boolean withKeyExchange;

    /**
     * @param ours those liked most first
     * @param withKeyExchange whether key exchanges are part of it: not of the Child SA of an IKE_AUTH exchange
     */
    Negotiation(ProtocolId protocol, List<AlgorithmProposal> ours, boolean withKeyExchange) {
        this.protocol = protocol;
        this.ours = ours;
        this.withKeyExchange = withKeyExchange;
    }

    /**
     * For IKE SAs.
     *
     * @param intermediates whether the peer does IKE_INTERMEDIATE (RFC 9242), without which there are no additional key exchanges
     */
    static Negotiation ike(PeerConfig peer, boolean intermediates) {
        List<AlgorithmProposal> usable = peer.proposals().stream()
                .filter(each -> intermediates || !each.hasAdditional())
                .toList();
        return new Negotiation(ProtocolId.IKE, usable, true);
    }

    /** Whether there is nothing to offer. */
    boolean isEmpty() {
        return ours.isEmpty();
    }

    /** Whether something of it has additional key exchanges (RFC 9370). */
    static boolean hasAdditional(List<AlgorithmProposal> proposals) {
        return proposals.stream().anyMatch(AlgorithmProposal::hasAdditional);
    }

    /** @param spi of the SA to be at this end; empty for the first IKE SA */
    SaPayload offer(Octets spi) {
        List<Proposal> proposals = new ArrayList<>();
        for (AlgorithmProposal each : ours) {
            proposals.add(new Proposal(proposals.size() + 1, protocol, spi, transforms(each)));
        }
        return new SaPayload(proposals);
    }

    private List<Transform> transforms(AlgorithmProposal proposal) {
        List<Transform> transforms = new ArrayList<>();
        proposal.ciphers().forEach(each -> transforms.add(transform(each)));
        proposal.prfs().forEach(each -> transforms.add(Transform.of(id(each))));
        proposal.integrity().forEach(each -> transforms.add(Transform.of(id(each))));
        List<List<KeyExchangeMethod>> keyExchanges = withKeyExchange ? proposal.keyExchanges() : List.of();
        for (int i = 0; i < keyExchanges.size(); i++) {
            TransformType type = keyExchangeType(i);
            keyExchanges.get(i).forEach(each -> transforms.add(keyExchange(type, each)));
        }
        proposal.esn().forEach(each -> transforms.add(Transform.of(id(each))));
        return transforms;
    }

    private static TransformType keyExchangeType(int index) {
        return index == 0
                ? TransformType.KE
                : TransformType.of(TransformType.ADDKE1.number() + index - 1).orElseThrow();
    }

    private static Transform transform(Cipher cipher) {
        EncryptionTransform id = EncryptionTransform.valueOf(cipher.algorithm().name());
        return cipher.saysKeyLength() ? Transform.of(id, cipher.keyBits()) : Transform.of(id);
    }

    private static TransformId id(PseudorandomFunction prf) {
        return PrfTransform.of(prf.transformId()).orElseThrow();
    }

    private static TransformId id(IntegrityAlgorithm integrity) {
        return IntegrityTransform.valueOf(integrity.name());
    }

    private static TransformId id(boolean esn) {
        return esn ? EsnTransform.ESN : EsnTransform.NO_ESN;
    }

    private static Transform keyExchange(TransformType type, KeyExchangeMethod method) {
        return new Transform(type.number(), method.transformId(), List.of());
    }

    /**
     * Chooses of the peer's offer, by this end's order.
     *
     * @param preferred number of the key exchange method of the peer's KE payload, which saves a round trip; 0 without one
     * @return null if nothing suits
     */
    @Nullable
    Chosen choose(SaPayload offer, int preferred) {
        for (AlgorithmProposal our : ours) {
            for (Proposal their : offer.proposals()) {
                Chosen chosen = their.is(protocol) ? match(our, their, preferred) : null;
                if (chosen != null) {
                    return chosen;
                }
            }
        }
        return null;
    }

    /** What the peer chose of {@link #offer}; null if it is no choice of that. */
    @Nullable
    Chosen chosenBy(SaPayload answer) {
        Proposal their = answer.proposals().size() == 1 ? answer.proposals().get(0) : null;
        if (their == null || !their.is(protocol) || their.number() < 1 || their.number() > ours.size()) {
            return null;
        }
        Chosen chosen = match(ours.get(their.number() - 1), their, NONE);
        long types =
                their.transforms().stream().mapToInt(Transform::type).distinct().count();
        return chosen != null && types == their.transforms().size() ? chosen : null;
    }

    /**
     * The key exchange method to try again with (RFC 7296 sections 1.2, 1.3).
     *
     * @param data of the peer's INVALID_KE_PAYLOAD
     * @param tried what it did not like
     * @throws IkeException if that is none of those offered, or the same
     */
    KeyExchangeMethod otherMethod(Octets data, @Nullable KeyExchangeMethod tried) throws IkeException {
        int wanted = data.length() == 2 ? data.at(0) << 8 | data.at(1) : NONE;
        return ours.stream()
                .flatMap(each -> each.keyExchanges().stream().limit(1).flatMap(List::stream))
                .filter(each -> each.transformId() == wanted && each != tried)
                .findFirst()
                .orElseThrow(() -> new IkeException(
                        NotifyType.INVALID_KE_PAYLOAD,
                        "peer wants key exchange method " + wanted + ", which was not offered"));
    }

    private @Nullable Chosen match(AlgorithmProposal our, Proposal their, int preferred) {
        Choice choice = new Choice(their);
        Cipher cipher = choice.one(our.ciphers(), Negotiation::transform);
        PseudorandomFunction prf = choice.one(our.prfs(), each -> Transform.of(id(each)));
        IntegrityAlgorithm integrity = choice.one(our.integrity(), each -> Transform.of(id(each)));
        List<KeyExchangeMethod> keyExchanges =
                choice.keyExchanges(withKeyExchange ? our.keyExchanges() : List.of(), preferred);
        boolean saysEsn = !their.transforms(TransformType.ESN).isEmpty();
        Boolean esn = saysEsn ? choice.one(our.esn(), each -> Transform.of(id(each))) : Boolean.FALSE;
        boolean child = protocol == ProtocolId.ESP;
        if (cipher == null
                || choice.failed
                || (child && !saysEsn && !our.esn().contains(false))
                || choice.leavesOut(ignored())) {
            return null;
        }
        return new Chosen(
                their,
                new Proposal(their.number(), protocol, their.spi(), choice.transforms),
                new IkeSuite(
                        cipher.algorithm(), cipher.keyBits(), integrity == null ? IntegrityAlgorithm.NONE : integrity),
                prf,
                keyExchanges,
                esn != null && esn);
    }

    /** In an IKE_AUTH exchange a Child SA's offer may speak of key exchanges, which come to bear when it is rekeyed. */
    private List<TransformType> ignored() {
        return withKeyExchange
                ? List.of()
                : Stream.of(TransformType.values())
                        .filter(each -> each == TransformType.KE || each.isAdditionalKeyExchange())
                        .toList();
    }

    private static List<KeyExchangeMethod> preferring(int number, List<KeyExchangeMethod> methods) {
        return Stream.concat(
                        methods.stream().filter(each -> each.transformId() == number),
                        methods.stream().filter(each -> each.transformId() != number))
                .toList();
    }

    /** One transform of each type. */
    private static final class Choice {
        private final Proposal their;
        private final List<Transform> transforms = new ArrayList<>();
        private boolean failed;

        Choice(Proposal their) {
            this.their = their;
        }

        /** The first of these that the peer has too; null if we want none. */
        <T> @Nullable T one(List<T> ours, Function<T, Transform> asTransform) {
            for (T each : ours) {
                Transform wanted = asTransform.apply(each);
                if (their.transforms().contains(wanted)) {
                    transforms.add(wanted);
                    return each;
                }
            }
            failed |= !ours.isEmpty();
            return null;
        }

        /** The first and the additional ones, those that are left out aside; of the additional no two are the same (RFC 9370 2.2.1). */
        List<KeyExchangeMethod> keyExchanges(List<List<KeyExchangeMethod>> ours, int preferred) {
            List<KeyExchangeMethod> chosen = new ArrayList<>();
            if (!ours.isEmpty()) {
                KeyExchangeMethod first =
                        one(preferring(preferred, ours.get(0)), each -> keyExchange(TransformType.KE, each));
                Map<TransformType, KeyExchangeMethod> additional = new EnumMap<>(TransformType.class);
                failed |= first == null || !differing(ours, 1, additional);
                if (!failed) {
                    chosen.add(first);
                    additional.forEach((type, method) -> transforms.add(keyExchange(type, method)));
                    chosen.addAll(additional.values());
                }
            }
            leaveOut();
            return chosen;
        }

        private boolean differing(
                List<List<KeyExchangeMethod>> ours, int index, Map<TransformType, KeyExchangeMethod> chosen) {
            if (index >= ours.size()) {
                return true;
            }
            TransformType type = keyExchangeType(index);
            for (KeyExchangeMethod each : ours.get(index)) {
                if (!chosen.containsValue(each) && their.transforms().contains(keyExchange(type, each))) {
                    chosen.put(type, each);
                    if (differing(ours, index + 1, chosen)) {
                        return true;
                    }
                    chosen.remove(type);
                }
            }
            return ours.get(index).isEmpty() && differing(ours, index + 1, chosen);
        }

        /** An additional key exchange that the peer does not insist on, and that is not done, is answered with NONE. */
        private void leaveOut() {
            for (TransformType type : TransformType.values()) {
                boolean chosen = transforms.stream().anyMatch(each -> each.is(type));
                Transform none = new Transform(type.number(), NONE, List.of());
                if (type.isAdditionalKeyExchange()
                        && !chosen
                        && their.transforms().contains(none)) {
                    transforms.add(none);
                }
            }
        }

        /** Whether the peer insists on a type of which nothing was chosen. */
        boolean leavesOut(List<TransformType> ignored) {
            List<Integer> types = Stream.concat(
                            transforms.stream().map(Transform::type),
                            ignored.stream().map(TransformType::number))
                    .toList();
            return their.transforms().stream().collect(Collectors.groupingBy(Transform::type)).entrySet().stream()
                    .anyMatch(each -> !types.contains(each.getKey())
                            && each.getValue().stream().noneMatch(transform -> transform.id() == NONE));
        }
    }

    /** For logs: what an offer has in it. */
    static String text(SaPayload offer) {
        return offer.proposals().stream()
                .map(each -> String.join(
                        "/", each.transforms().stream().map(Transform::text).toList()))
                .collect(Collectors.joining(", "));
    }
}

package org.ipsecif.ike.message;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Payloads as people read them. */
final class PayloadText {
    private static final String INDENT = "  ";

    private PayloadText() {}

    /** A word: {@code SA}, {@code N(COOKIE)}, {@code SKF(1/3)}. */
    static String brief(Payload payload) {
        String name = PayloadType.text(payload.payloadType());
        if (payload instanceof NotifyPayload notify) {
            return name + "(" + NotifyType.text(notify.type()) + ")";
        }
        if (payload instanceof EncryptedFragmentPayload fragment) {
            return name + "(" + fragment.number() + "/" + fragment.total() + ")";
        }
        if (payload instanceof ConfigurationPayload configuration) {
            return name + "(" + ConfigurationType.text(configuration.configurationType()) + ")";
        }
        return payload instanceof EapPayload eap ? name + "(" + EapCode.text(eap.code()) + ")" : name;
    }

    /** All that is worth saying, the first line first. */
    static List<String> details(Payload payload) {
        if (payload instanceof SaPayload sa) {
            return list(payload, sa.proposals(), PayloadText::proposal);
        }
        if (payload instanceof TrafficSelectorPayload selectors) {
            return list(payload, selectors.selectors(), PayloadText::selector);
        }
        if (payload instanceof ConfigurationPayload configuration) {
            return list(payload, configuration.attributes(), ConfigurationText::of);
        }
        if (payload instanceof CertificateRequestPayload request) {
            return list(
                    payload,
                    request.is(CertificateEncoding.X509_SIGNATURE) ? request.keyHashes() : List.of(),
                    Octets::toString);
        }
        String detail = detail(payload);
        return List.of(detail.isEmpty() ? brief(payload) : brief(payload) + " " + detail);
    }

    private static <T> List<String> list(Payload payload, List<T> parts, Function<T, String> text) {
        List<String> lines = new ArrayList<>();
        lines.add(brief(payload));
        parts.forEach(each -> lines.add(INDENT + text.apply(each)));
        return lines;
    }

    private static String detail(Payload payload) {
        if (payload instanceof KeyExchangePayload ke) {
            return KeyExchangeMethod.text(ke.method()) + ", " + bytes(ke.data());
        }
        if (payload instanceof IdentificationPayload id) {
            return id.text() + " (" + IdentificationType.text(id.idType()) + ")";
        }
        if (payload instanceof CertificatePayload certificate) {
            return CertificateEncoding.text(certificate.encoding()) + ", " + bytes(certificate.data());
        }
        if (payload instanceof AuthenticationPayload auth) {
            return AuthenticationMethod.text(auth.method()) + ", " + bytes(auth.data());
        }
        if (payload instanceof NotifyPayload notify) {
            return NotifyText.of(notify);
        }
        if (payload instanceof DeletePayload delete) {
            return ProtocolId.text(delete.protocol())
                    + delete.spis().stream().map(each -> " " + each).collect(Collectors.joining());
        }
        if (payload instanceof VendorIdPayload vendor) {
            Octets id = vendor.vendorId();
            return IdentityText.isPrintable(id) ? "\"" + IdentityText.printable(id) + "\"" : id.toString();
        }
        return bytes(payload.body());
    }

    /** {@code 1 ESP c0ffee01: AES_GCM_16_256/NO_ESN}. */
    private static String proposal(Proposal proposal) {
        String spi = proposal.spi().isEmpty() ? "" : " " + proposal.spi();
        return proposal.number() + " " + ProtocolId.text(proposal.protocol()) + spi + ": "
                + proposal.transforms().stream().map(Transform::text).collect(Collectors.joining("/"));
    }

    private static String selector(TrafficSelector selector) {
        if (selector instanceof AddressRange range) {
            return range.text();
        }
        return TrafficSelectorType.text(selector.type());
    }

    private static String bytes(Octets octets) {
        return octets.length() + " bytes";
    }
}

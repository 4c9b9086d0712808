package org.ipsecif.ike.message;

import java.util.ArrayList;
import java.util.List;

/** Payloads one after another, each naming the type of the next (RFC 7296 section 3.2). */
final class PayloadChain {
    /** Of one payload. */
    static final int GENERIC_HEADER = 4;

    private static final int CRITICAL = 0x80;

    /** More than any exchange has; a message of 64 KiB could hold 16,000 empty ones. */
    private static final int MAX_PAYLOADS = 256;

    private PayloadChain() {}

    /** What the Next Payload field before the chain says. */
    static int firstType(List<Payload> payloads) {
        return payloads.isEmpty()
                ? PayloadType.NO_NEXT_PAYLOAD
                : payloads.get(0).payloadType();
    }

    static void write(OctetWriter out, List<Payload> payloads) {
        for (int i = 0; i < payloads.size(); i++) {
            Payload payload = payloads.get(i);
            boolean last = i == payloads.size() - 1;
            int start = out.length();
            out.u8(last ? payload.lastNextPayload() : payloads.get(i + 1).payloadType());
            out.u8(payload.critical() ? CRITICAL : 0).zeros(2);
            payload.write(out);
            out.u16At(start + 2, out.length() - start);
        }
    }

    /** Reads the payloads of a message up to its end, of which SK or SKF may be the last. */
    static List<Payload> parse(int firstType, OctetReader in) throws IkeException {
        List<Payload> payloads = new ArrayList<>();
        int type = firstType;
        while (type != PayloadType.NO_NEXT_PAYLOAD) {
            if (payloads.size() == MAX_PAYLOADS) {
                throw in.malformed("has more than " + MAX_PAYLOADS + " payloads");
            }
            int next = in.u8();
            boolean critical = (in.u8() & CRITICAL) != 0;
            int length = in.u16();
            String name = PayloadType.text(type) + " payload";
            if (length < GENERIC_HEADER) {
                throw in.malformed("has an " + name + " of " + length + " bytes");
            }
            payloads.add(parse(type, critical, next, in.part(length - GENERIC_HEADER, name)));
            type = isEncrypted(type) ? PayloadType.NO_NEXT_PAYLOAD : next;
        }
        in.end();
        return payloads;
    }

    /** Reads the payloads that were encrypted. */
    static List<Payload> parseInner(int firstType, OctetReader in) throws IkeException {
        List<Payload> payloads = parse(firstType, in);
        if (!payloads.isEmpty() && isEncrypted(payloads.get(payloads.size() - 1).payloadType())) {
            throw in.malformed("holds another encrypted payload");
        }
        return payloads;
    }

    private static boolean isEncrypted(int type) {
        return type == PayloadType.SK.number() || type == PayloadType.SKF.number();
    }

    private static Payload parse(int type, boolean critical, int next, OctetReader in) throws IkeException {
        PayloadType known = PayloadType.of(type).orElse(null);
        if (known == null) {
            if (critical) {
                throw IkeException.unsupportedCriticalPayload(type);
            }
            return new UnknownPayload(type, false, in.rest());
        }
        return switch (known) {
            case SA -> SaPayload.parse(in);
            case KE -> KeyExchangePayload.parse(in);
            case IDI -> IdentificationPayload.parse(true, in);
            case IDR -> IdentificationPayload.parse(false, in);
            case CERT -> CertificatePayload.parse(in);
            case CERTREQ -> CertificateRequestPayload.parse(in);
            case AUTH -> AuthenticationPayload.parse(in);
            case NONCE -> NoncePayload.parse(in);
            case NOTIFY -> NotifyPayload.parse(in);
            case DELETE -> DeletePayload.parse(in);
            case VENDOR_ID -> VendorIdPayload.parse(in);
            case TSI -> TrafficSelectorPayload.parse(true, in);
            case TSR -> TrafficSelectorPayload.parse(false, in);
            case SK -> new EncryptedPayload(next, in.rest());
            case CP -> ConfigurationPayload.parse(in);
            case EAP -> EapPayload.parse(in);
            case SKF -> EncryptedFragmentPayload.parse(next, in);
        };
    }
}

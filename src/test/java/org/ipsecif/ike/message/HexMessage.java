package org.ipsecif.ike.message;

import java.util.HexFormat;
import java.util.List;

/** Messages written by hand: hexadecimal with spaces, and lengths that fit unless a test says otherwise. */
final class HexMessage {
    static final long SPI_I = 0x0102030405060708L;
    static final long SPI_R = 0x1112131415161718L;
    static final IkeHeader INIT = new IkeHeader(SPI_I, 0, ExchangeType.IKE_SA_INIT, true, false, 0);
    static final IkeHeader AUTH = new IkeHeader(SPI_I, SPI_R, ExchangeType.IKE_AUTH, true, false, 1);

    private HexMessage() {}

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    }

    /** The header of {@link #INIT}, then {@code rest}. */
    static byte[] init(int nextPayload, byte[] rest) {
        OctetWriter out = new OctetWriter();
        INIT.write(out, nextPayload);
        out.u32At(IkeHeader.LENGTH_AT, IkeHeader.LENGTH + rest.length);
        return out.octets(rest).toBytes();
    }

    /** A message of one payload. */
    static byte[] of(int payloadType, String body) {
        byte[] content = bytes(body);
        byte[] payload =
                new OctetWriter().u16(0).u16(4 + content.length).octets(content).toBytes();
        return init(payloadType, payload);
    }

    static IkeMessage parse(byte[] bytes) throws IkeException {
        return IkeMessage.parse(bytes, 0, bytes.length);
    }

    /** The one payload of the message that {@link #of} makes. */
    static Payload payload(int payloadType, String body) throws IkeException {
        List<Payload> payloads = parse(of(payloadType, body)).payloads();
        if (payloads.size() != 1) {
            throw new AssertionError(payloads);
        }
        return payloads.get(0);
    }
}

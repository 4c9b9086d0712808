package org.ipsecif.ike.message;

import java.util.ArrayList;
import java.util.List;

/**
 * TSi or TSr payload (RFC 7296 section 3.13).
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Number of TSs |                 RESERVED                      |
 * ~                       Traffic Selectors                       ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param initiator TSi, the addresses of the exchange's initiator, rather than TSr
 */
public record TrafficSelectorPayload(boolean initiator, List<TrafficSelector> selectors) implements Payload {
    private static final int RESERVED = 3;

    public TrafficSelectorPayload {
        selectors = List.copyOf(selectors);
    }

    static TrafficSelectorPayload parse(boolean initiator, OctetReader in) throws IkeException {
        int count = in.u8();
        in.skip(RESERVED);
        List<TrafficSelector> selectors = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            selectors.add(TrafficSelector.parse(in));
        }
        in.end();
        return new TrafficSelectorPayload(initiator, selectors);
    }

    @Override
    public int payloadType() {
        return initiator ? PayloadType.TSI.number() : PayloadType.TSR.number();
    }

    @Override
    public void write(OctetWriter out) {
        out.u8(selectors.size()).zeros(RESERVED);
        selectors.forEach(each -> each.write(out));
    }
}

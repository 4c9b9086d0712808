package org.ipsecif.ike.message;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.ipsecif.sa.IpAddress;

/** What notifications say beside their type. */
final class NotifyText {
    private NotifyText() {}

    /** The SA in question, then the data if its meaning is known and no secret, else how long it is; may be empty. */
    static String of(NotifyPayload notify) {
        String spi = notify.spi().isEmpty() ? "" : ProtocolId.text(notify.protocol()) + " " + notify.spi();
        String data = notify.data().isEmpty() ? "" : data(notify);
        return spi + (spi.isEmpty() || data.isEmpty() ? "" : " ") + data;
    }

    private static String data(NotifyPayload notify) {
        Octets data = notify.data();
        NotifyType type = NotifyType.of(notify.type()).orElse(null);
        if (type == NotifyType.INVALID_KE_PAYLOAD && data.length() == 2) {
            return "wants " + KeyExchangeMethod.text(u16(data, 0));
        }
        if (type == NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD && data.length() == 1) {
            return "payload type " + data.at(0);
        }
        if (type == NotifyType.SIGNATURE_HASH_ALGORITHMS && data.length() % 2 == 0) {
            return IntStream.range(0, data.length() / 2)
                    .mapToObj(i -> HashAlgorithm.text(u16(data, 2 * i)))
                    .collect(Collectors.joining(" "));
        }
        boolean inet = type == NotifyType.ADDITIONAL_IP4_ADDRESS && data.length() == 4;
        if (inet || (type == NotifyType.ADDITIONAL_IP6_ADDRESS && data.length() == 16)) {
            return IpAddress.ofBytes(data.toBytes()).toString();
        }
        return data.length() + " bytes";
    }

    private static int u16(Octets data, int index) {
        return data.at(index) << 8 | data.at(index + 1);
    }
}

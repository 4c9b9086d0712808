package org.ipsecif.ike.message;

import java.util.stream.Collectors;

/** Messages as people read them, for traces and logs. No key, no secret and no authentication data is in it. */
public final class MessageText {
    private MessageText() {}

    /** One line: {@code IKE_SA_INIT request 0 [ SA KE No N(COOKIE) ]}. */
    public static String line(IkeMessage message) {
        IkeHeader header = message.header();
        return ExchangeType.text(header.exchange()) + (header.response() ? " response " : " request ")
                + header.messageId() + " "
                + message.payloads().stream()
                        .map(PayloadText::brief)
                        .map(each -> each + " ")
                        .collect(Collectors.joining("", "[ ", "]"));
    }

    /** The line, then what each payload says, on indented lines; ends without a line feed. */
    public static String of(IkeMessage message) {
        IkeHeader header = message.header();
        String spis = String.format(
                "\n  SPIs %016x_i%s %016x_r%s",
                header.initiatorSpi(),
                header.initiator() ? "*" : "",
                header.responderSpi(),
                header.initiator() ? "" : "*");
        return line(message)
                + spis
                + message.payloads().stream()
                        .flatMap(each -> PayloadText.details(each).stream())
                        .map(each -> "\n  " + each)
                        .collect(Collectors.joining());
    }
}

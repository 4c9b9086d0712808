package org.ipsecif.ike.message;

/**
 * A message or a request that is refused: the kind is the notification that says so to the peer (RFC 7296 section 3.10.1), the
 * message says it to the administrator. Whether the peer may be told at all is for the exchange to decide (RFC 7296 section 2.21).
 * It has no stack trace, for anybody can cause it with a datagram.
 */
public final class IkeException extends Exception {
    private static final long serialVersionUID = 1L;

    private final NotifyType kind;
    private final transient Octets data;

    /** @param data the notification's data; may be empty */
    public IkeException(NotifyType kind, Octets data, String message) {
        super(message, null, false, false);
        this.kind = kind;
        this.data = data;
    }

    public IkeException(NotifyType kind, String message) {
        this(kind, Octets.EMPTY, message);
    }

    /** @param why what is malformed, as in "SA payload has 3 bytes too many" */
    public static IkeException invalidSyntax(String why) {
        return new IkeException(NotifyType.INVALID_SYNTAX, "malformed IKE message: " + why);
    }

    static IkeException unsupportedCriticalPayload(int type) {
        return new IkeException(
                NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD,
                Octets.of((byte) type),
                "the peer insists on payload type " + type + ", which is not supported");
    }

    /** The notification to send. */
    public NotifyType kind() {
        return kind;
    }

    /** The notification's data. */
    public Octets data() {
        return data;
    }

    /** The notification to send, about no particular SA. */
    public NotifyPayload notification() {
        return NotifyPayload.of(kind, data);
    }
}

package org.ipsecif.ike.message;

/** Vendor ID payload (RFC 7296 section 3.12). */
public record VendorIdPayload(Octets vendorId) implements Payload {
    static VendorIdPayload parse(OctetReader in) {
        return new VendorIdPayload(in.rest());
    }

    @Override
    public int payloadType() {
        return PayloadType.VENDOR_ID.number();
    }

    @Override
    public void write(OctetWriter out) {
        out.octets(vendorId);
    }
}

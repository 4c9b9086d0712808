package org.ipsecif.ike.message;

import java.util.ArrayList;
import java.util.List;

/** SA payload (RFC 7296 section 3.3): proposals, in the order in which their sender prefers them. */
public record SaPayload(List<Proposal> proposals) implements Payload {
    /** More than any peer has use for; a message can hold thousands. */
    private static final int MAX_PROPOSALS = 64;

    public SaPayload {
        proposals = List.copyOf(proposals);
    }

    static SaPayload parse(OctetReader in) throws IkeException {
        List<Proposal> proposals = new ArrayList<>();
        boolean more = true;
        while (more) {
            if (proposals.size() == MAX_PROPOSALS) {
                throw in.malformed("has more than " + MAX_PROPOSALS + " proposals");
            }
            more = Substructures.more(in, Proposal.MORE);
            proposals.add(Proposal.parse(Substructures.part(in, "proposal " + (proposals.size() + 1))));
        }
        in.end();
        return new SaPayload(proposals);
    }

    @Override
    public int payloadType() {
        return PayloadType.SA.number();
    }

    /** @throws IllegalStateException without a proposal, which no SA payload can say */
    @Override
    public void write(OctetWriter out) {
        if (proposals.isEmpty()) {
            throw new IllegalStateException("an SA payload without proposals");
        }
        Substructures.write(out, proposals, Proposal.MORE, Proposal::write);
    }
}

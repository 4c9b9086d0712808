package org.ipsecif.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.ipsecif.crypto.ProposalNotation;
import org.jspecify.annotations.Nullable;

/**
 * What IKE does with an interface, in the words that {@link IkeWords} takes; settings at their default are left out.
 */
final class IkeText {
    private final StringBuilder text = new StringBuilder();

    private IkeText() {}

    /** For show. Empty if IKE is not used. */
    static String describe(IkeSettings settings) {
        return settings.isUsed() ? new IkeText().of(settings) : "";
    }

    private String of(IkeSettings settings) {
        add(IkeWords.KEYING, word(Keying.IKE));
        add("local_id", settings.localId());
        add("remote_id", settings.remoteId());
        add(settings.credentials());
        if (!settings.ike().equals(IkeSettings.NONE.ike())) {
            add("ike", ProposalNotation.text(settings.ike()));
        }
        if (!settings.esp().equals(IkeSettings.NONE.esp())) {
            add("esp", ProposalNotation.text(settings.esp()));
        }
        add(settings.behaviour());
        add(settings.addresses());
        return text.toString().strip();
    }

    private void add(IkeCredentials credentials) {
        add("auth", credentials.method() == null ? null : word(credentials.method()));
        add("psk_file", credentials.pskFile());
        add("ppk_file", credentials.ppk().file());
        add("ppk_id", credentials.ppk().id());
        add("ppk_required", yesOrNo(credentials.ppk().isRequired()));
        add("cert", files(credentials.certificates()));
        add(IkeWords.KEY, credentials.keyFile());
        add("cacert", files(credentials.authorities()));
        if (credentials.revocation() != IkeCredentials.NONE.revocation()) {
            add("revocation", word(credentials.revocation()));
        }
    }

    private static @Nullable String files(Iterable<String> files) {
        String list = String.join(",", files);
        return list.isEmpty() ? null : list;
    }

    private void add(IkeBehaviour behaviour) {
        IkeBehaviour usual = IkeBehaviour.DEFAULT;
        if (behaviour.start() != usual.start()) {
            add("start", behaviour.start() == IkeAction.NONE ? "add" : word(behaviour.start()));
        }
        add("close_action", behaviour.close() == null ? null : word(behaviour.close()));
        IkeAction dead = behaviour.dpd();
        add(
                "dpd_action",
                dead == null ? null : dead == IkeAction.START ? "restart" : dead == IkeAction.TRAP ? "hold" : "clear");
        add("dpd_delay", behaviour.dpdDelay(), usual.dpdDelay());
        add("rekey_time", behaviour.rekeyTime(), usual.rekeyTime());
        add("child_rekey_time", behaviour.childRekeyTime(), usual.childRekeyTime());
        IkeBehaviour.Limits limits = behaviour.limits();
        add("reauth_time", limits.reauthTime(), usual.limits().reauthTime());
        add("child_rekey_bytes", limits.childBytes() == 0 ? null : Long.toString(limits.childBytes()));
        add("child_rekey_packets", limits.childPackets() == 0 ? null : Long.toString(limits.childPackets()));
        if (behaviour.fragmentation() != usual.fragmentation()) {
            add("fragmentation", yesOrNo(behaviour.fragmentation()));
        }
        if (behaviour.childless() != usual.childless()) {
            add("childless", yesOrNo(behaviour.childless()));
        }
        if (behaviour.selectorNotices() != usual.selectorNotices()) {
            add("selector_notices", yesOrNo(behaviour.selectorNotices()));
        }
        add("children", behaviour.children() == null ? null : word(behaviour.children()));
    }

    private void add(IkeAddresses addresses) {
        int families = addresses.asks().size();
        add(
                "address",
                families == 0
                        ? null
                        : families > 1 ? "auto" : addresses.asks().get(0).word());
        add("pool", list(addresses.pool()));
        add("pool_file", addresses.poolFile());
        add("pool_dns", list(addresses.dns()));
    }

    private static @Nullable String list(List<?> values) {
        String list = values.stream().map(Object::toString).collect(Collectors.joining(","));
        return list.isEmpty() ? null : list;
    }

    private static @Nullable String yesOrNo(@Nullable Boolean value) {
        return value == null ? null : value ? "yes" : "no";
    }

    private void add(String word, Duration time, Duration usual) {
        if (!time.equals(usual)) {
            add(word, Long.toString(time.toSeconds()));
        }
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** In quotes what has white space, as distinguished names have. */
    private void add(String word, @Nullable String value) {
        if (value != null) {
            boolean quoted = value.indexOf(' ') >= 0;
            text.append(word).append(quoted ? " \"" : " ").append(value).append(quoted ? "\" " : " ");
        }
    }
}

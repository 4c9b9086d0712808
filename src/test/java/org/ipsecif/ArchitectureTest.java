package org.ipsecif;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ipsecif.planted.wire.PlantedViolation;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The import table of docs/architecture.md: what each package may import, besides itself. */
class ArchitectureTest {
    private static final String ROOT = "org.ipsecif.";
    private static final String[] EVERYWHERE = {"java..", "javax.crypto..", "org.jspecify..", "org.slf4j.."};
    private static final String JNR = "jnr..";

    private static final Map<String, List<String>> MAY_IMPORT = Map.ofEntries(
            Map.entry("wire", List.of()),
            Map.entry("crypto", and(own("wire"), "org.bouncycastle..")),
            Map.entry("crypto.x509", List.of("org.bouncycastle..", "javax.security.auth.x500..")),
            Map.entry("sa", own("crypto", "wire")),
            Map.entry("esp", own("sa", "crypto", "wire")),
            Map.entry("tunnel", own("esp", "sa", "wire", "platform")),
            Map.entry("platform", own("sa", "wire")),
            Map.entry("platform.posix", and(own("platform", "wire"), JNR)),
            Map.entry("platform.ipsecmb", and(own("platform.posix", "crypto"), JNR, "com.kenai.jffi..")),
            Map.entry("platform.pfkey", and(own("platform.posix", "platform", "sa", "wire"), JNR)),
            Map.entry("platform.linux", and(own("platform.pfkey", "platform.posix", "platform", "sa", "wire"), JNR)),
            Map.entry("platform.freebsd", and(own("platform.pfkey", "platform.posix", "platform", "sa", "wire"), JNR)),
            Map.entry(
                    "ike",
                    and(
                            own("ike.message", "crypto.x509", "crypto", "sa", "wire", "platform"),
                            "javax.security.auth.x500..")),
            Map.entry("ike.message", and(own("sa", "wire"), "javax.security.auth.x500..")),
            Map.entry(
                    "capture",
                    and(own("config", "esp", "sa", "crypto", "wire"), "com.fasterxml.jackson..", "picocli..")),
            Map.entry(
                    "config",
                    and(own("sa", "crypto"), "org.apache.commons.configuration2..", "javax.security.auth.x500..")),
            Map.entry(
                    "control",
                    and(own("config"), "jnr.unixsocket..", "jnr.enxio..", "com.fasterxml.jackson..", "picocli..")));

    private static final JavaClasses MAIN =
            new ClassFileImporter(List.of(new ImportOption.DoNotIncludeTests())).importPackages("org.ipsecif");

    private static List<String> own(String... packages) {
        return List.of(packages).stream().map(each -> ROOT + each).toList();
    }

    private static List<String> and(List<String> packages, String... more) {
        List<String> all = new ArrayList<>(packages);
        all.addAll(List.of(more));
        return all;
    }

    private static ArchRule rule(String root, String name, List<String> allowed) {
        List<String> all = new ArrayList<>(List.of(EVERYWHERE));
        all.add(root + name);
        all.addAll(allowed);
        return classes()
                .that()
                .resideInAPackage(root + name)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(all.toArray(String[]::new))
                .allowEmptyShould(true);
    }

    @TestFactory
    List<DynamicTest> packagesImportOnlyWhatTheTableAllows() {
        return MAY_IMPORT.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(),
                        () -> rule(ROOT, entry.getKey(), entry.getValue()).check(MAIN)))
                .toList();
    }

    @Test
    void tableCoversEveryPackage() {
        List<String> unknown = MAIN.stream()
                .map(each -> each.getPackageName())
                .distinct()
                .filter(each -> !each.equals(ROOT + "daemon"))
                .filter(each -> !MAY_IMPORT.containsKey(each.substring(Math.min(each.length(), ROOT.length()))))
                .toList();
        assertTrue(unknown.isEmpty(), "packages without a row: " + unknown);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("org.ipsecif.(**)").should().beFreeOfCycles().check(MAIN);
    }

    /** {@link PlantedViolation} stands in a package "wire" and uses a cipher's class: the rule must see it. */
    @Test
    void plantedViolationFails() {
        JavaClasses planted = new ClassFileImporter().importClasses(PlantedViolation.class);
        EvaluationResult result =
                rule("org.ipsecif.planted.", "wire", MAY_IMPORT.get("wire")).evaluate(planted);
        assertTrue(result.hasViolation());
        assertFalse(result.getFailureReport().getDetails().isEmpty());
    }
}

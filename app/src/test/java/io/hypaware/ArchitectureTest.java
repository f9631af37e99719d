package io.hypaware;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.hypaware.project.Projector;

/// Who may know whom.
@AnalyzeClasses(packages = "io.hypaware", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    /// What holds the user's socket must not be able to load what can exhaust memory.
    @ArchTest
    static final ArchRule GATEWAY_AND_JOURNAL_NEVER_SEE_LAKE_OR_QUERY = noClasses()
            .that()
            .resideInAnyPackage("io.hypaware.gateway..", "io.hypaware.receiver..", "io.hypaware.journal..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.hypaware.lake..",
                    "io.hypaware.query..",
                    "io.hypaware.engine..",
                    "io.hypaware.maintain..",
                    "org.duckdb..",
                    "org.apache.iceberg..",
                    "io.hypaware.store..",
                    "software.amazon..");

    /// What telemetry says is for workers.
    @ArchTest
    static final ArchRule THE_RECEIVER_PARSES_NOTHING = noClasses()
            .that()
            .resideInAPackage("io.hypaware.receiver..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.opentelemetry..",
                    "com.google.protobuf..",
                    "com.fasterxml.jackson..",
                    "java.util.zip..",
                    "io.airlift..",
                    "io.hypaware.project..",
                    "io.hypaware.dataset..");

    @ArchTest
    static final ArchRule PROJECTION_IS_PURE = noClasses()
            .that()
            .resideInAPackage("io.hypaware.project..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "java.nio.file..", "java.net..", "io.vertx..")
            .orShould()
            .dependOnClassesThat()
            .haveNameMatching("java\\.io\\.(File|RandomAccessFile).*");

    @ArchTest
    static final ArchRule SECRETS_ARE_FOUND_IN_TEXTS_ALONE = noClasses()
            .that()
            .resideInAPackage("io.hypaware.secret..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.hypaware.read..",
                    "io.hypaware.query..",
                    "io.hypaware.journal..",
                    "io.hypaware.config..",
                    "io.hypaware.home..",
                    "java.sql..",
                    "java.nio.file..");

    @ArchTest
    static final ArchRule ONE_WAY = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("cli")
            .definedBy("io.hypaware.cli..")
            .layer("mcp")
            .definedBy("io.hypaware.mcp..")
            .layer("smoke")
            .definedBy("io.hypaware.smoke..")
            .layer("client")
            .definedBy("io.hypaware.client..")
            .layer("daemon")
            .definedBy("io.hypaware.daemon..")
            .layer("backfill")
            .definedBy("io.hypaware.backfill..")
            .layer("web")
            .definedBy("io.hypaware.web..")
            .layer("read")
            .definedBy("io.hypaware.read..")
            .layer("sink")
            .definedBy("io.hypaware.sink..")
            .layer("spark")
            .definedBy("io.hypaware.spark..")
            .layer("search")
            .definedBy("io.hypaware.search..")
            .layer("privacy")
            .definedBy("io.hypaware.privacy..")
            .layer("secret")
            .definedBy("io.hypaware.secret..")
            .layer("query")
            .definedBy("io.hypaware.query..")
            .layer("legacy")
            .definedBy("io.hypaware.legacy..")
            .layer("maintain")
            .definedBy("io.hypaware.maintain..")
            .layer("gateway")
            .definedBy("io.hypaware.gateway..")
            .layer("receiver")
            .definedBy("io.hypaware.receiver..")
            .layer("project")
            .definedBy("io.hypaware.project..")
            .layer("lake")
            .definedBy("io.hypaware.lake..")
            .layer("engine")
            .definedBy("io.hypaware.engine..")
            .layer("payload")
            .definedBy("io.hypaware.payload..")
            .layer("journal")
            .definedBy("io.hypaware.journal..")
            .layer("store")
            .definedBy("io.hypaware.store..")
            .layer("home")
            .definedBy("io.hypaware.home..")
            .layer("dataset")
            .definedBy("io.hypaware.dataset..")
            .layer("config")
            .definedBy("io.hypaware.config..")
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("mcp")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("smoke")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("daemon")
            .mayOnlyBeAccessedByLayers("cli", "smoke")
            .whereLayer("client")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("backfill")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("web")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("read")
            .mayOnlyBeAccessedByLayers("cli", "web", "mcp", "maintain", "backfill", "sink")
            .whereLayer("sink")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("spark")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("search")
            .mayOnlyBeAccessedByLayers("cli", "web", "mcp", "read", "maintain")
            .whereLayer("privacy")
            .mayOnlyBeAccessedByLayers("cli", "daemon", "mcp", "read", "maintain", "backfill", "sink")
            .whereLayer("query")
            .mayOnlyBeAccessedByLayers("cli", "web", "mcp", "read", "maintain", "backfill", "sink", "spark")
            .whereLayer("secret")
            .mayOnlyBeAccessedByLayers("cli", "web", "mcp", "maintain", "backfill", "sink")
            .whereLayer("legacy")
            .mayOnlyBeAccessedByLayers("maintain", "cli", "query")
            .whereLayer("maintain")
            .mayOnlyBeAccessedByLayers("cli", "mcp", "daemon", "backfill")
            .whereLayer("gateway")
            .mayOnlyBeAccessedByLayers("cli", "daemon", "receiver")
            .whereLayer("receiver")
            .mayOnlyBeAccessedByLayers("daemon")
            .whereLayer("project")
            .mayOnlyBeAccessedByLayers("maintain", "read", "backfill", "cli", "sink")
            .whereLayer("lake")
            .mayOnlyBeAccessedByLayers("maintain", "legacy", "query", "daemon", "sink", "spark")
            .whereLayer("payload")
            .mayOnlyBeAccessedByLayers("journal", "project", "maintain", "legacy", "query", "read")
            .whereLayer("store")
            .mayOnlyBeAccessedByLayers("sink", "query", "lake", "spark", "cli")
            .whereLayer("engine")
            .mayOnlyBeAccessedByLayers("lake", "legacy", "maintain", "query", "backfill");

    /// A projector is found by its service file: nobody outside of its folder calls it by name.
    @ArchTest
    static final ArchRule PROJECTORS_ARE_FOUND = classes()
            .that()
            .implement(Projector.class)
            .should()
            .onlyHaveDependentClassesThat()
            .resideInAPackage("io.hypaware.project.*..");

    private static final String[] WIRE_FORMATS = {
        "io.hypaware.project.anthropic..",
        "io.hypaware.project.openai..",
        "io.hypaware.project.gemini..",
        "io.hypaware.project.opencode.."
    };

    /// The folder of a wire format is its own: nobody knows one, no other wire format either.
    @ArchTest
    static final ArchRule WIRE_FORMATS_ARE_THEIR_OWN = noClasses()
            .that()
            .resideOutsideOfPackages(WIRE_FORMATS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(WIRE_FORMATS);

    @ArchTest
    static final ArchRule WIRE_FORMATS_ARE_APART = slices().matching(
                    "io.hypaware.project.(anthropic|openai|gemini|opencode)..")
            .should()
            .notDependOnEachOther();

    /// What they have in common knows no provider by name.
    @ArchTest
    static final ArchRule MESSAGES_KNOW_NO_WIRE_FORMAT = noClasses()
            .that()
            .resideInAnyPackage("io.hypaware.project.message..", "io.hypaware.project.websocket..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(WIRE_FORMATS);

    /// Which message is which is decided without a wire format.
    @ArchTest
    static final ArchRule CONVERSATIONS_KNOW_NO_WIRE_FORMAT = noClasses()
            .that()
            .resideInAPackage("io.hypaware.project.conversation..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.hypaware.project", "io.hypaware.project.message..", "io.hypaware.project.anthropic..");

    /// Tasks are given what they need; their order is the one thing that knows them all.
    @ArchTest
    static final ArchRule TASKS_ARE_LISTED_ONCE = noClasses()
            .that()
            .resideOutsideOfPackage("io.hypaware.maintain.task..")
            .and()
            .doNotHaveSimpleName("Tasks")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.hypaware.maintain.task..");

    @ArchTest
    static final ArchRule NO_CIRCLES =
            slices().matching("io.hypaware.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule UTILITIES_AND_COMMANDS_ARE_FINAL = classes()
            .that()
            .areTopLevelClasses()
            .and()
            .areNotInterfaces()
            .and()
            .areNotEnums()
            .and()
            .doNotHaveSimpleName("package-info")
            .should()
            .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL);
}

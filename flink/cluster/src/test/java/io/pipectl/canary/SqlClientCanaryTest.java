package io.pipectl.canary;

import java.nio.charset.StandardCharsets;
import org.apache.flink.table.client.cli.CliOptions;
import org.apache.flink.table.client.cli.CliOptionsParser;
import org.apache.flink.table.client.cli.CliStrings;
import org.junit.jupiter.api.Test;

/** The output of Flink's SQL client, by which each statement is judged, because its exit code says nothing. */
class SqlClientCanaryTest {
    private static final Canary VERDICT = new Canary(
            "src/flink/sql-client.ts (verdictOf), and what plays the client in test/helpers/sql-client.mjs",
            "the messages of CliStrings, and what Printer and TableauStyle print");

    @Test
    void aStatementThatFails() {
        VERDICT.same("[ERROR] no", CliStrings.messageError("no").toString());
    }

    @Test
    void aStatementThatSucceeds() {
        VERDICT.same(
                "[INFO] Execute statement succeeded.",
                CliStrings.messageInfo(CliStrings.MESSAGE_EXECUTE_STATEMENT).toString());
        VERDICT.same(
                "[INFO] Complete execution of the SQL update statement.",
                CliStrings.messageInfo(CliStrings.MESSAGE_FINISH_STATEMENT).toString());
    }

    @Test
    void aJobThatWasSubmitted() throws Exception {
        String printer = constants("org.apache.flink.table.client.cli.Printer$StatementResultPrinter");
        VERDICT.holds(printer.contains("Job ID: %s\n"), "no line that begins with Job ID");
    }

    @Test
    void rows() throws Exception {
        VERDICT.holds(
                constants("org.apache.flink.table.utils.print.TableauStyle").contains("Empty set"), "no 'Empty set'");
        String view = constants("org.apache.flink.table.client.cli.CliTableauResultView");
        VERDICT.holds(view.contains("row") && view.contains(" in set"), "no 'rows in set'");
    }

    @Test
    void itsOptions() {
        var canary = new Canary(
                "src/runtime/local/services.ts (sqlClientSpec) and flink/image/bin/sql-client",
                "the options -e and -hist of CliOptionsParser; without -hist the client writes ~/.flink-sql-history");
        String[] words = {"-e", "127.0.0.1:8083", "-hist", "/dev/null"};
        var options = (CliOptions.GatewayCliOptions) CliOptionsParser.parseGatewayModeClient(words);
        canary.same("/dev/null", options.getHistoryFilePath());
        canary.same(8083, options.getGatewayAddress().orElseThrow().getPort());
    }

    /** The string constants in a class file: the printed texts are nowhere else. */
    private static String constants(String name) throws Exception {
        String file = VERDICT.type(name).getName().replace('.', '/') + ".class";
        try (var in = SqlClientCanaryTest.class.getClassLoader().getResourceAsStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}

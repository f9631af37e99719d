package io.hypaware.smoke;

import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Some of the flows that `hyp smoke` plays with the built program, by the classes under test: `./check` leaves the
/// others to `HYP_SLOW=yes ./check`.
class SmokeTest {

    private static final Consumer<String> STEPS = _ -> {};

    @ParameterizedTest
    @EnumSource(names = {"GATEWAY_CLAUDE_CAPTURE", "CLAUDE_TELEMETRY_CAPTURE"})
    void aFlowComesToItsEnd(Smoke smoke) throws Exception {
        smoke.run(STEPS);
    }
}

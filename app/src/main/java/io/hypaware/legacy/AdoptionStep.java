package io.hypaware.legacy;

/// The points of an adoption between which a crash must lose and double nothing, in their order. Those from
/// [#IDS_READ] to [#UNIT_COMMITTED] come again for each unit.
public enum AdoptionStep {
    IDS_READ,
    PAYLOADS_KEPT,
    FILES_WRITTEN,
    FILES_SYNCED,
    UNIT_COMMITTED,
    DONE_COMMITTED,
    RETIRED
}

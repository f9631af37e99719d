package io.hypaware.gateway;

/// Takes a session out of the record, and back in. Called where it may wait for the disk.
public interface SessionSwitch {

    /// Has nothing to switch.
    SessionSwitch NONE = new SessionSwitch() {
        @Override
        public boolean isIgnored(String session) {
            return false;
        }

        @Override
        public void ignore(String session, boolean ignored) {
            throw new UnsupportedOperationException("this gateway keeps no list of sessions");
        }
    };

    /// @throws Exception if the list cannot be read; the message says what to do
    boolean isIgnored(String session) throws Exception;

    /// @throws Exception if that cannot be written down; the message says what to do
    void ignore(String session, boolean ignored) throws Exception;
}

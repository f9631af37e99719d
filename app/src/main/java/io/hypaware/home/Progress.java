package io.hypaware.home;

/// What long work says of itself to whoever waits for it.
public interface Progress {

    /// A piece of work begins.
    ///
    /// @param what such as `compacting ai_gateway_messages/2026-11-24`
    void begin(String what, long files, long bytes);

    /// The same of what is not counted in files; it advances as bytes do.
    ///
    /// @param unit a plural, such as `rows`
    default void begin(String what, String unit, long all) {}

    /// That much more of it is done.
    void advance(long files, long bytes);

    /// The piece of work is over.
    void end();

    Progress NONE = new Progress() {
        @Override
        public void begin(String what, long files, long bytes) {}

        @Override
        public void advance(long files, long bytes) {}

        @Override
        public void end() {}
    };
}

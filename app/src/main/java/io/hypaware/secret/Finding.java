package io.hypaware.secret;

/// A secret in a text.
///
/// @param rule which kind it is
/// @param begin where what stands for it begins
/// @param end after its last character
/// @param secret itself, without what stood in between; for nobody's eyes
public record Finding(String rule, int begin, int end, String secret) {

    /// The secret is not said.
    @Override
    public String toString() {
        return rule + " from " + begin + " to " + end;
    }
}

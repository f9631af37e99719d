package io.hypaware.secret;

/// How little a text tells of its next character.
final class Entropy {

    private static final int ASCII = 128;

    /// Shannon's, in bits a character. All characters that are not ASCII count as one.
    static double of(String text) {
        int[] counts = new int[ASCII];
        for (int i = 0; i < text.length(); i++) {
            counts[Math.min(text.charAt(i), ASCII - 1)]++;
        }
        double bits = 0;
        for (int count : counts) {
            if (count > 0) {
                double share = (double) count / text.length();
                bits -= share * Math.log(share) / Math.log(2);
            }
        }
        return bits;
    }

    private Entropy() {}
}

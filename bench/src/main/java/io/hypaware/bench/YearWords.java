package io.hypaware.bench;

import java.util.Random;

/// Words of which a year's texts are made, the first ones far more often than the last.
final class YearWords {

    private static final int WORDS = 20_000;

    private final String[] words = new String[WORDS];

    YearWords(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < WORDS; i++) {
            words[i] = random.ints(2 + random.nextInt(8), 'a', 'z' + 1)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
        }
    }

    String text(Random random, int length) {
        StringBuilder text = new StringBuilder(length + 12);
        while (text.length() < length) {
            double place = random.nextDouble();
            text.append(words[(int) (place * place * place * WORDS)]).append(' ');
        }
        return text.toString();
    }
}

package io.hypaware.secret;

import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/// Texts as agents' sessions have them, with much that looks a little like a secret.
final class OrdinaryText {

    private static final List<String> WORDS = List.of(
            "the token is read",
            "a password",
            "secret santa",
            "key",
            "authorization",
            "session",
            "build",
            "test",
            "return",
            "config",
            "api",
            "deploy",
            "error",
            "null",
            "cache",
            "index",
            "disk-usage",
            "task-list",
            "ask-me");

    static String of(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            text.append(WORDS.get(random.nextInt(WORDS.size()))).append(' ');
            if (i % 4 == 3) {
                text.append(likeASecret(random)).append(random.nextBoolean() ? "\n" : " ");
            }
        }
        return text.toString();
    }

    private static String likeASecret(Random random) {
        byte[] bytes = new byte[20];
        random.nextBytes(bytes);
        String hex = HexFormat.of().formatHex(bytes);
        return switch (random.nextInt(14)) {
            case 0 -> "commit " + hex;
            case 1 -> "sha256:" + hex + hex.substring(0, 24);
            case 2 -> new UUID(random.nextLong(), random.nextLong()).toString();
            case 3 ->
                "\"integrity\": \"sha512-"
                        + java.util.Base64.getEncoder()
                                .encodeToString((hex + hex).getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        + "\"";
            case 4 -> "toolu_" + hex.substring(0, 24);
            case 5 -> "const token" + random.nextInt(9) + " = parser.nextToken();";
            case 6 -> "password: ${{ secrets.DB_PASSWORD }}";
            case 7 -> "max_tokens=" + random.nextInt(1 << 20);
            case 8 -> "https://host:" + random.nextInt(65_535) + "/v1/messages?page=" + random.nextInt(99);
            case 9 -> "session_id=" + new UUID(random.nextLong(), random.nextLong());
            case 10 -> "at io.hypaware.secret.SecretFinder.find(SecretFinder.java:" + random.nextInt(300) + ")";
            case 11 -> "token_expires_at: " + random.nextLong(1L << 40);
            case 12 -> "msg_01" + hex.substring(0, 22);
            default -> "secret_key_base: <%= ENV['SECRET'] %>";
        };
    }

    private OrdinaryText() {}
}

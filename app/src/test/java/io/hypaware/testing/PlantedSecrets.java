package io.hypaware.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/// Secrets as providers give them out, made at random. What they begin with stands here in two pieces, so that nobody
/// who scans this file takes it for one.
public final class PlantedSecrets {

    private static final String LOWER = "abcdefghijklmnopqrstuvwxyz";
    private static final String DIGITS = "0123456789";
    private static final String ALNUM = LOWER + LOWER.toUpperCase(java.util.Locale.ROOT) + DIGITS;
    private static final String HEX = DIGITS + "abcdef";
    private static final String BASE64 = ALNUM + "+/";
    private static final String URL64 = ALNUM + "-_";

    /// A secret and what stands around it.
    ///
    /// @param rule that is to find it
    /// @param text in which it stands
    public record Planted(String rule, String secret, String text) {}

    private record Kind(String rule, Supplier<Planted> make) {}

    private final Random random;
    private final List<Kind> kinds = new ArrayList<>();

    public PlantedSecrets(long seed) {
        this.random = new Random(seed);
        bare("github-token", "gh", "p_", ALNUM, 36);
        bare("github-token", "gh", "s_", ALNUM, 36);
        bare("github-fine-grained", "github", "_pat_", ALNUM, 82);
        bare("gitlab-token", "glp", "at-", URL64, 20);
        bare("slack-token", "xox", "b-", DIGITS, 12, "-", ALNUM, 24);
        bare("stripe-key", "sk_", "live_", ALNUM, 24);
        bare("anthropic-key", "sk-", "ant-api03-", URL64, 93, "", "A", 2);
        bare("openai-key", "sk-", "proj-", URL64, 120);
        bare("openai-key", "s", "k-", ALNUM, 48);
        bare("openrouter-key", "sk-", "or-v1-", HEX, 64);
        bare("gcp-api-key", "AI", "za", URL64, 35);
        bare("gcp-client-secret", "GOC", "SPX-", URL64, 28);
        bare("huggingface-token", "h", "f_", ALNUM, 34);
        bare("npm-token", "np", "m_", ALNUM, 36);
        bare("pypi-token", "pypi-", "AgEIcHlwaS5vcmc", URL64, 90);
        bare("digitalocean-token", "dop", "_v1_", HEX, 64);
        bare("shopify-token", "shp", "at_", HEX, 32);
        bare("square-token", "sq0", "csp-", URL64, 43);
        bare("sendgrid-key", "S", "G.", URL64, 22, ".", URL64, 43);
        bare("mailgun-key", "ke", "y-", HEX, 32);
        bare("brevo-key", "xkey", "sib-", HEX, 64, "-", ALNUM, 16);
        bare("newrelic-key", "NR", "AK-", ALNUM, 27);
        bare("sentry-token", "sntr", "yu_", HEX, 64);
        bare("grafana-token", "gl", "sa_", ALNUM, 32, "_", HEX, 8);
        bare("vault-token", "hv", "s.", URL64, 90);
        bare("docker-hub-token", "dckr", "_pat_", URL64, 27);
        bare("databricks-token", "da", "pi", HEX, 32);
        bare("linear-key", "lin", "_api_", ALNUM, 40);
        bare("notion-token", "nt", "n_", ALNUM, 46);
        bare("figma-token", "fig", "d_", URL64, 40);
        bare("atlassian-token", "ATA", "TT3x", URL64, 180);
        bare("supabase-key", "sb", "p_", HEX, 40);
        bare("planetscale-token", "pscale", "_tkn_", URL64, 43);
        bare("postman-key", "PM", "AK-", HEX, 24, "-", HEX, 34);
        bare("aws-access-key", "AK", "IA", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
        bare("xai-key", "xa", "i-", ALNUM, 80);
        bare("groq-key", "gs", "k_", ALNUM, 52);
        bare("tailscale-key", "tsk", "ey-auth-", ALNUM, 17, "-", ALNUM, 32);
        bare("fly-token", "fm", "2_", BASE64, 200);
        bare("age-secret-key", "AGE-SECRET", "-KEY-1", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58);
        bare("rubygems-key", "ruby", "gems_", HEX, 48);
        bare("telegram-bot-token", "", ":A", "A", 1, "", URL64, 33, "71" + "2345678");
        within("aws-secret-key", "export AWS_SECRET_ACCESS_KEY=", BASE64, 40, "\n");
        within("azure-storage-key", "AccountName=store;AccountKey=", BASE64, 86, "==;EndpointSuffix=core.windows.net");
        within("heroku-key", "HEROKU_API_KEY: ", "", 0, "\n");
        within("twilio-auth-token", "{\"twilio_auth_token\": \"", HEX, 32, "\"}");
        within("datadog-key", "DD_API_KEY=", HEX, 32, "\n");
        within("okta-token", "okta.client.token = 00", URL64, 40, "\n");
        within("slack-webhook", "https://hooks.slack" + ".com/services/", ALNUM, 44, " is the hook");
        within("discord-webhook", "https://discord.com/api" + "/webhooks/123456789012345678/", URL64, 68, "\n");
        within("postgres-url", "DATABASE_URL=postgres://app:", ALNUM, 16, "@db.internal:5432/app");
        within("mysql-url", "mysql://root:", ALNUM, 14, "@10.0.0.3/shop");
        within("mongodb-url", "mongodb+srv://svc:", ALNUM, 18, "@cluster0.abcde.mongodb.net/x");
        within("redis-url", "redis://default:", ALNUM, 20, "@cache:6379/0");
        within("amqp-url", "amqps://svc:", ALNUM, 20, "@mq.internal/vhost");
        within("jdbc-url", "jdbc:mysql://db/shop?user=shop&password=", ALNUM, 14, "&useSSL=true");
        within("url-password", "git clone https://deploy:", ALNUM, 22, "@git.internal/repo.git");
        within("authorization-bearer", "curl -H 'Authorization: Bearer ", URL64, 43, "' https://api.internal/x");
        within("named-password", "  \"password\": \"", ALNUM, 14, "\",");
        within("named-secret", "client_secret = '", ALNUM, 32, "'");
        kinds.add(new Kind("json-web-token", () -> {
            String token = "ey" + "JhbGciOiJIUzI1NiJ9." + "ey" + "J" + some(BASE64URL_SAFE, 60) + "." + some(URL64, 43);
            return new Planted("json-web-token", token, "token in the log: " + token + " and on");
        }));
        kinds.add(new Kind("pem-private-key", () -> {
            StringBuilder body = new StringBuilder();
            for (int line = 0; line < 24; line++) {
                body.append(some(BASE64, 64)).append('\n');
            }
            String kind = random.nextBoolean() ? "RSA " : "";
            String text =
                    "-----BEGIN " + kind + "PRIVATE" + " KEY-----\n" + body + "-----END " + kind + "PRIVATE KEY-----\n";
            return new Planted("pem-private-key", body.toString().strip().replace("\n", ""), text);
        }));
    }

    private static final String BASE64URL_SAFE = ALNUM;

    /// How many kinds there are.
    public int kinds() {
        return kinds.size();
    }

    /// One of a kind.
    ///
    /// @param kind from 0; beyond the last begins again
    public Planted of(int kind) {
        return kinds.get(kind % kinds.size()).make().get();
    }

    /// Characters drawn evenly, digits and letters among them where there are some.
    private String some(String of, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(of.charAt(random.nextInt(of.length())));
        }
        if (length > 12 && of.contains(DIGITS) && of.contains("abcdef")) {
            text.setCharAt(3, DIGITS.charAt(random.nextInt(10)));
            text.setCharAt(5, "abcdef".charAt(random.nextInt(6)));
        }
        return text.toString();
    }

    private void bare(String rule, String first, String second, String of, int length, Object... more) {
        kinds.add(new Kind(rule, () -> {
            StringBuilder secret = new StringBuilder(first + second + some(of, length));
            for (int i = 0; i + 2 < more.length; i += 3) {
                secret.append(more[i]).append(some((String) more[i + 1], (Integer) more[i + 2]));
            }
            String before = more.length % 3 == 1 ? (String) more[more.length - 1] : "";
            return new Planted(rule, secret.toString(), "use " + before + secret + " for it");
        }));
    }

    private void within(String rule, String before, String of, int length, String after) {
        kinds.add(new Kind(rule, () -> {
            String secret = length == 0
                    ? new java.util.UUID(random.nextLong(), random.nextLong()).toString()
                    : some(of, length);
            return new Planted(rule, secret, before + secret + after);
        }));
    }
}

package io.pipectl.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.StreamReadFeature;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.DeserializationFeature;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericRowData;
import org.junit.jupiter.api.Test;

/**
 * Hundreds of thousands of records, valid, damaged and random, compared with a slow implementation that shares no
 * code with the reader: a tree with BigDecimals. Every record must give one row, and the tree must have the row's
 * values, too.
 */
class RandomRecordsTest {

    private static final int RECORDS = 240_000;
    private static final String FIELDS = "i INT, l BIGINT, d DOUBLE, f FLOAT, n DECIMAL(20,4), s STRING, b BOOLEAN";
    private static final String[] NAMES = {"i", "l", "d", "f", "n", "s", "b", "x", "y", "I", "é", "a\\\"b"};

    private final JsonMapper tree = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private final Harness format = Harness.of(FIELDS);
    private Random random;
    private int good;
    private int bad;

    @Test
    void oneTrueRowForEachRecord() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("RandomRecordsTest: -Dseed=" + seed);
        random = new Random(seed);
        for (int i = 0; i < RECORDS; i++) {
            byte[] bytes = i % 10 == 9 ? noise() : record().getBytes(StandardCharsets.UTF_8);
            if (i % 10 >= 6 && i % 10 < 9) {
                bytes = damaged(bytes);
            }
            try {
                check(bytes);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "seed " + seed + ", record " + i + ": " + new String(bytes, StandardCharsets.ISO_8859_1), e);
            }
        }
        System.out.println("RandomRecordsTest: " + good + " good, " + bad + " bad");
        assertTrue(good > RECORDS / 10 && bad > RECORDS / 10);
    }

    private void check(byte[] bytes) {
        GenericRowData row = format.row(bytes);
        String error = Harness.string(row, 7);
        JsonNode node;
        try {
            node = readSlowly(bytes);
        } catch (NumberFormatException e) {
            // An exponent that BigDecimal cannot hold: the tree cannot judge it.
            return;
        }
        if (error != null) {
            bad++;
            assertTrue(
                    error.matches("(?s)(not_json|not_object|empty|trailing|no_known_field|field|too_large): .+"),
                    error);
            assertTrue(!error.equals("not_json: unreadable"), "the safety net caught something");
            for (int i = 0; i < 7; i++) {
                assertNull(row.getField(i));
            }
            assertEquals(bytes, row.getField(8));
            assertTrue(node == null || reason(node), "a good record was refused: " + error);
            return;
        }
        good++;
        assertNull(row.getField(8));
        assertNotNull(node, "accepted what is no JSON");
        assertTrue(!reason(node), "accepted what loses a value");
        Map<String, String> words = words(bytes);
        for (int i = 0; i < 7; i++) {
            agree(row.getField(i), node.get(NAMES[i]), words.get(NAMES[i]));
        }
        JsonNode extra = node.deepCopy();
        for (int i = 0; i < 7; i++) {
            ((org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode) extra).remove(NAMES[i]);
        }
        String sent = Harness.string(row, 9);
        assertEquals(
                extra.isEmpty() ? null : extra,
                sent == null ? null : readSlowly(sent.getBytes(StandardCharsets.UTF_8)));
    }

    /** @param word the value as sent; of -0, the tree's numbers do not keep the sign */
    private static void agree(Object value, JsonNode sent, String word) {
        if (sent == null || sent.isNull()) {
            assertNull(value);
        } else if (value instanceof Integer || value instanceof Long) {
            assertEquals(0, number(sent).compareTo(new BigDecimal(value.toString())));
        } else if (value instanceof Double) {
            assertEquals(Double.parseDouble(word), value);
        } else if (value instanceof Float) {
            assertEquals(Float.parseFloat(word), value);
        } else if (value instanceof DecimalData decimal) {
            assertEquals(0, number(sent).compareTo(decimal.toBigDecimal()));
        } else if (value instanceof Boolean) {
            assertEquals(sent.booleanValue(), value);
        } else if (!sent.isNumber()) {
            assertEquals(sent.asText(), value.toString());
        } else {
            assertEquals(0, number(sent).compareTo(new BigDecimal(value.toString())));
        }
    }

    /** True if the tree also finds a reason to refuse the record. */
    private static boolean reason(JsonNode node) {
        for (int i = 0; i < 7; i++) {
            JsonNode value = node.get(NAMES[i]);
            if (value != null && !value.isNull() && lossy(i, value)) {
                return true;
            }
        }
        return node.isEmpty() || loneSurrogate(node.toString());
    }

    private static boolean lossy(int field, JsonNode value) {
        if (field == 6) {
            return !value.isBoolean();
        }
        if (field == 5) {
            return value.isContainerNode();
        }
        BigDecimal n = value.isNumber() || value.isTextual() ? number(value) : null;
        if (n == null) {
            return true;
        }
        return switch (field) {
            case 0 -> !whole(n, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case 1 -> !whole(n, Long.MIN_VALUE, Long.MAX_VALUE);
            case 2 -> Double.isInfinite(n.doubleValue()) || n.doubleValue() == 0 && n.signum() != 0;
            case 3 -> Float.isInfinite(n.floatValue()) || n.floatValue() == 0 && n.signum() != 0;
            default -> n.signum() != 0 && (n.stripTrailingZeros().scale() > 4 || n.precision() - n.scale() > 16);
        };
    }

    private static boolean whole(BigDecimal n, long min, long max) {
        return n.signum() == 0
                || n.stripTrailingZeros().scale() <= 0
                        && n.precision() - (long) n.scale() < 30
                        && n.compareTo(BigDecimal.valueOf(min)) >= 0
                        && n.compareTo(BigDecimal.valueOf(max)) <= 0;
    }

    private static BigDecimal number(JsonNode value) {
        if (value.isNumber()) {
            return value.decimalValue();
        }
        String text = value.asText().replaceAll("^[ \t\r\n]+|[ \t\r\n]+$", "");
        return text.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?") ? new BigDecimal(text) : null;
    }

    private static boolean loneSurrogate(String text) {
        return !StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    /** The scalars of a good record, as they were sent. */
    private Map<String, String> words(byte[] bytes) {
        Map<String, String> words = new HashMap<>();
        try (JsonParser parser = tree.createParser(decode(bytes))) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (parser.nextToken().isScalarValue()) {
                    words.put(name, parser.getText());
                } else {
                    parser.skipChildren();
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return words;
    }

    private static String decode(byte[] bytes) throws CharacterCodingException {
        String text = StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
        return text.startsWith("\ufeff") ? text.substring(1) : text;
    }

    private JsonNode readSlowly(byte[] bytes) {
        try {
            JsonNode node = tree.readTree(decode(bytes));
            return node != null && node.isObject() ? node : null;
        } catch (CharacterCodingException e) {
            return null;
        } catch (IOException e) {
            return null;
        }
    }

    private String record() {
        StringBuilder json = new StringBuilder("{");
        int start = random.nextInt(NAMES.length);
        int n = random.nextInt(NAMES.length + 1);
        for (int k = 0; k < n; k++) {
            int field = random.nextInt(40) == 0 ? random.nextInt(NAMES.length) : (start + k) % NAMES.length;
            json.append(k == 0 ? "" : ",")
                    .append(blank())
                    .append('"')
                    .append(NAMES[field])
                    .append('"')
                    .append(blank())
                    .append(':')
                    .append(random.nextInt(30) == 0 ? value(2) : fitting(field));
        }
        return json.append('}').toString();
    }

    private String fitting(int field) {
        return switch (field) {
            case 0, 1 -> random.nextBoolean() ? "" + random.nextInt() : "\" " + random.nextInt(1000) + ".0\"";
            case 2, 3, 4 ->
                random.nextInt(3) > 0
                        ? digits(1 + random.nextInt(6)) + "." + random.nextInt(99)
                        : "" + random.nextInt(100);
            case 5 -> text();
            case 6 -> "" + random.nextBoolean();
            default -> value(3);
        };
    }

    private String value(int depth) {
        return switch (random.nextInt(depth > 0 ? 10 : 8)) {
            case 0 -> "null";
            case 1 -> "true";
            case 2 -> digits(1 + random.nextInt(25));
            case 3 -> "-" + digits(1 + random.nextInt(18)) + "." + random.nextInt(1_000_000);
            case 4 -> digits(1 + random.nextInt(20)) + "e" + (random.nextInt(80) - 40);
            case 5 -> "\"" + digits(1 + random.nextInt(12)) + "." + random.nextInt(1000) + "\"";
            case 6 -> digits(3) + ".5E" + (random.nextInt(1000) - 500);
            case 7 -> text();
            case 8 -> "[" + value(depth - 1) + "," + blank() + value(depth - 1) + "]";
            default ->
                "{\"k\":" + value(depth - 1) + ",\"l" + random.nextInt(3) + "\":" + value(depth - 1) + blank() + "}";
        };
    }

    private String digits(int n) {
        StringBuilder all = new StringBuilder().append((char) ('1' + random.nextInt(9)));
        while (all.length() < n) {
            all.append((char) ('0' + (random.nextInt(3) == 0 ? 0 : random.nextInt(10))));
        }
        return all.toString();
    }

    private String text() {
        StringBuilder all = new StringBuilder("\"");
        String[] parts = {
            "a", "Z9", " ", "é", "😀", "\\n", "\\u00e9", "\\ud83d\\ude00", "\\\\", "\\\"", "12", "\u0800", "\\/"
        };
        for (int n = random.nextInt(12); n > 0; n--) {
            all.append(
                    random.nextInt(300) == 0
                            ? "\\ud8" + "0" + random.nextInt(10)
                            : parts[random.nextInt(parts.length)]);
        }
        return all.append('"').toString();
    }

    private String blank() {
        return random.nextInt(8) == 0 ? " \t\n\r".substring(random.nextInt(4)) : "";
    }

    private byte[] damaged(byte[] bytes) {
        byte[] out = bytes.clone();
        byte[] likely = "{}[]:,\"\\0123456789.eE+-tfn u".getBytes(StandardCharsets.UTF_8);
        for (int n = 1 + random.nextInt(3); n > 0 && out.length > 0; n--) {
            int at = random.nextInt(out.length);
            switch (random.nextInt(4)) {
                case 0 -> out[at] = (byte) random.nextInt(256);
                case 1 -> out[at] = likely[random.nextInt(likely.length)];
                case 2 -> out = java.util.Arrays.copyOf(out, at);
                default -> out[at] = out[random.nextInt(out.length)];
            }
        }
        return out;
    }

    private byte[] noise() {
        byte[] out = new byte[random.nextInt(40)];
        if (random.nextBoolean()) {
            random.nextBytes(out);
        } else {
            byte[] likely = "{}[]:,\"\\019.e-truefalsnx \"i\":\"s\":".getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < out.length; i++) {
                out[i] = i == 0 ? (byte) '{' : likely[random.nextInt(likely.length)];
            }
        }
        return out;
    }
}

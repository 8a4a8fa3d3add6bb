package io.pipectl.job;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.regex.Pattern;

/**
 * One form for all spellings of a path, so that metadata and listings can be compared.
 *
 * <p>Two files may share a key ({@code a+b}, {@code a b}), but one file must not have two keys: a file that looks
 * like one in use is only kept, while a file in use under another key would be deleted.
 */
final class PathKey {
    private static final Pattern SCHEME = Pattern.compile("^[A-Za-z][A-Za-z0-9+.-]*:");
    /** A percent sign that does not begin an escape; the decoder would refuse it. */
    private static final Pattern PLAIN_PERCENT = Pattern.compile("%(?![0-9A-Fa-f]{2})");

    private PathKey() {}

    static String of(String path) {
        return Normalizer.normalize(tidy(decoded(withoutScheme(path))), Normalizer.Form.NFC);
    }

    /**
     * Removes scheme and authority: s3, s3a and s3n, abfs and wasb, {@code file:/x} and {@code file:///x} name
     * the same places, and a listing never leaves the table's store.
     */
    private static String withoutScheme(String path) {
        var scheme = SCHEME.matcher(path);
        if (!scheme.find()) return path;
        String rest = path.substring(scheme.end());
        if (!rest.startsWith("//")) return rest;
        int slash = rest.indexOf('/', 2);
        return slash < 0 ? "" : rest.substring(slash);
    }

    /** Decodes until nothing changes, because it is unknown how often a path was encoded. */
    private static String decoded(String path) {
        if (path.indexOf('%') < 0 && path.indexOf('+') < 0) return path;
        String once = URLDecoder.decode(PLAIN_PERCENT.matcher(path).replaceAll("%25"), StandardCharsets.UTF_8);
        return once.equals(path) ? path : decoded(once);
    }

    private static String tidy(String path) {
        var parts = new ArrayDeque<String>();
        for (String part : path.split("/")) {
            if (part.equals("..")) parts.pollLast();
            else if (!part.isEmpty() && !part.equals(".")) parts.addLast(part);
        }
        return "/" + String.join("/", parts);
    }

    static String folder(String key) {
        return key.substring(0, key.lastIndexOf('/'));
    }

    static String name(String key) {
        return key.substring(key.lastIndexOf('/') + 1);
    }
}

package io.pipectl.job;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.regex.Pattern;

/**
 * One spelling for all the ways to write a path, so that metadata and listings can be compared.
 *
 * <p>Two files with one key are possible ({@code a+b}, {@code a b}); two keys for one file must not be: a file that looks
 * like one in use is kept, but one in use that looks like no other would be deleted.
 */
final class PathKey {
    private static final Pattern SCHEME = Pattern.compile("^[A-Za-z][A-Za-z0-9+.-]*:");
    /** A percent sign that begins no escape, which the decoder would refuse. */
    private static final Pattern PLAIN_PERCENT = Pattern.compile("%(?![0-9A-Fa-f]{2})");

    private PathKey() {}

    static String of(String path) {
        return Normalizer.normalize(tidy(decoded(withoutScheme(path))), Normalizer.Form.NFC);
    }

    /**
     * Scheme and authority go altogether: s3, s3a and s3n, abfs and wasb, {@code file:/x} and {@code file:///x} are one
     * place each, and a listing never leaves the store that the table lies in.
     */
    private static String withoutScheme(String path) {
        var scheme = SCHEME.matcher(path);
        if (!scheme.find()) return path;
        String rest = path.substring(scheme.end());
        if (!rest.startsWith("//")) return rest;
        int slash = rest.indexOf('/', 2);
        return slash < 0 ? "" : rest.substring(slash);
    }

    /** Until nothing is left to decode: it is not known how often a path was encoded on its way. */
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

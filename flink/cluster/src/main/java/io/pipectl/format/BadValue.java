package io.pipectl.format;

/**
 * The current value cannot be kept unchanged. The parser knows its position; this exception says what is wrong. It
 * has no stack trace: in a bad topic it is thrown for every record, and its message is stored in a table.
 */
final class BadValue extends Exception {

    private static final long serialVersionUID = 1L;

    BadValue(String what) {
        super(what, null, false, false);
    }
}

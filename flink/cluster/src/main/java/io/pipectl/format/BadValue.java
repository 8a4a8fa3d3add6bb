package io.pipectl.format;

/**
 * The value at which the parser stands cannot be kept as it is. Where that is, the parser knows; this says what is
 * wrong. It has no stack trace: in a bad topic it is thrown for each record, and its text ends up in a table.
 */
final class BadValue extends Exception {

    private static final long serialVersionUID = 1L;

    BadValue(String what) {
        super(what, null, false, false);
    }
}

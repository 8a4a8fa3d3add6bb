package io.pipectl.format;

/** Why a record is a dead letter. Carries no stack trace, so that a topic full of bad records is read as fast as a good one. */
final class BadRecord extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BadRecord(String reason) {
        super(reason, null, false, false);
    }
}

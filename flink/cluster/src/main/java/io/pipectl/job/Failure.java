package io.pipectl.job;

/** The reason why an operation failed, in one line. */
final class Failure {
    private Failure() {}

    /** The innermost cause: the outer exceptions only pass it on. */
    static Throwable cause(Throwable failed) {
        Throwable cause = failed;
        while (cause.getCause() != null) cause = cause.getCause();
        return cause;
    }

    /** For pipectl's own exceptions the message is enough; for others the class often says more than the message. */
    static String message(Throwable failed) {
        Throwable cause = cause(failed);
        String message = cause.getMessage();
        String name = cause.getClass().getSimpleName();
        if (message == null) return name;
        boolean ours = cause instanceof IllegalArgumentException || cause instanceof IllegalStateException;
        return ours ? message : name + ": " + message;
    }
}

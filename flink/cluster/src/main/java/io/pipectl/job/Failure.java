package io.pipectl.job;

/** What an operation failed of, in one line for people. */
final class Failure {
    private Failure() {}

    /** The innermost cause: what is around it only says who has passed it on. */
    static Throwable cause(Throwable failed) {
        Throwable cause = failed;
        while (cause.getCause() != null) cause = cause.getCause();
        return cause;
    }

    /** Of an exception of ours the message says it all; of others the class often says more than the message. */
    static String message(Throwable failed) {
        Throwable cause = cause(failed);
        String message = cause.getMessage();
        String name = cause.getClass().getSimpleName();
        if (message == null) return name;
        boolean ours = cause instanceof IllegalArgumentException || cause instanceof IllegalStateException;
        return ours ? message : name + ": " + message;
    }
}

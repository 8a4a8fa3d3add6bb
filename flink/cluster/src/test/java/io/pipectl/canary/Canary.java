package io.pipectl.canary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

/**
 * The parts of Flink and Iceberg that pipectl relies on although no compiler and no error message would show that an
 * upgrade has changed them. Each canary names the files of this project that rely on it, and what to look for in the
 * new version.
 *
 * @param usedBy files of this project, from the root of the repository
 * @param lookFor what to find in the new version's sources
 */
record Canary(String usedBy, String lookFor) {

    void same(Object expected, Object actual) {
        assertEquals(expected, actual, this::toString);
    }

    void holds(boolean condition, String what) {
        assertTrue(condition, () -> what + ": " + this);
    }

    /** A class by its name, as used in a command line, a setting or a log configuration of pipectl. */
    Class<?> type(String name) {
        try {
            return Class.forName(name, false, Canary.class.getClassLoader());
        } catch (ReflectiveOperationException | LinkageError gone) {
            return fail(name + " is gone: " + this, gone);
        }
    }

    /** The value of a static field, whatever its visibility. */
    Object constant(Class<?> type, String name) {
        try {
            var field = type.getDeclaredField(name);
            field.setAccessible(true);
            return field.get(null);
        } catch (ReflectiveOperationException gone) {
            return fail(type.getName() + "." + name + " is gone: " + this, gone);
        }
    }

    @Override
    public String toString() {
        return "An upgrade has changed what is used by " + usedBy + ". Look for " + lookFor
                + ". Mend our side first, then this canary (docs/upgrading.md).";
    }
}

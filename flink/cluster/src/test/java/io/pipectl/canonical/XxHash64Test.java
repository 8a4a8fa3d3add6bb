package io.pipectl.canonical;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The vectors that xxHash's authors publish (xxhsum's sanity check), and its other form. */
class XxHash64Test {

    private static final long SEED = 2_654_435_761L;

    @Test
    void givesThePublishedHashes() {
        assertEquals(0xEF46DB3751D8E999L, hash(0, 0));
        assertEquals(0xAC75FDA2929B17EFL, hash(0, SEED));
        assertEquals(0xE934A84ADB052768L, hash(1, 0));
        assertEquals(0x5014607643A9B4C3L, hash(1, SEED));
        assertEquals(0x9136A0DCA57457EEL, hash(4, 0));
        assertEquals(0x8282DCC4994E35C8L, hash(14, 0));
        assertEquals(0xC3BD6BF63DEB6DF0L, hash(14, SEED));
        assertEquals(0xB641AE8CB691C174L, hash(222, 0));
        assertEquals(0x20CB8AB7AE10C14AL, hash(222, SEED));
        byte[] abc = "abc".getBytes(StandardCharsets.UTF_8);
        assertEquals(0x44BC2CF5AD770999L, XxHash64.of(abc, 0, abc.length, 0));
    }

    @Test
    void hashesANumberAsItsBytes() {
        byte[] bytes = {1, 2, 3, 4, 5, 6, 7, (byte) 0x88};
        assertEquals(XxHash64.of(bytes, 0, 8, 7), XxHash64.of(0x8807060504030201L, 7));
    }

    /** Of xxhsum's test buffer, which lies in the middle of another array. */
    private static long hash(int length, long seed) {
        byte[] bytes = new byte[length + 5];
        long generator = SEED;
        for (int i = 0; i < length; i++) {
            bytes[3 + i] = (byte) (generator >>> 56);
            generator *= 0x9E3779B185EBCA8DL;
        }
        return XxHash64.of(bytes, 3, length, seed);
    }
}

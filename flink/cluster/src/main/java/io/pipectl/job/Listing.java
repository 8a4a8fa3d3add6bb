package io.pipectl.job;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Consumer;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;

/** All files under the location of a table, one after the other, because there may be millions. */
interface Listing {
    void each(Consumer<FileInfo> use);

    static Listing of(Table table) {
        String location = withoutSlash(table.location());
        if (!(table.io() instanceof SupportsPrefixOperations lister)) {
            throw new UnsupportedOperationException("the files of " + table.name() + " cannot be listed: "
                    + table.io().getClass().getName() + " has no listing by prefix");
        }
        // Hadoop starts a process for each local file, to ask for permissions that nobody needs: 15 s for
        // 5,600 files.
        if (location.startsWith("file:/")) return use -> walk(location, use);
        // With a slash: in an object store, .../stops is also a prefix of .../stops_silver.
        return use -> lister.listPrefix(location + "/").forEach(use);
    }

    private static void walk(String location, Consumer<FileInfo> use) {
        Path folder = Path.of(new org.apache.hadoop.fs.Path(location).toUri().getPath());
        try {
            // A symbolic link is followed, but the files keep the names under the table's location.
            Path real = folder.toRealPath();
            Files.walkFileTree(real, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes is) {
                    if (is.isRegularFile() && !isChecksum(file)) {
                        String path = location + "/" + real.relativize(file);
                        use.accept(new FileInfo(
                                path, is.size(), is.lastModifiedTime().toMillis()));
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failed) throws IOException {
                    // Files come and go while a writer is active.
                    if (failed instanceof NoSuchFileException) return FileVisitResult.CONTINUE;
                    throw failed;
                }
            });
        } catch (IOException failed) {
            throw new IllegalStateException("cannot list " + location + ": " + failed);
        }
    }

    /** Hadoop's checksum file, which is deleted with its file. */
    private static boolean isChecksum(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith(".") && name.endsWith(".crc");
    }

    private static String withoutSlash(String location) {
        return location.endsWith("/") ? withoutSlash(location.substring(0, location.length() - 1)) : location;
    }
}

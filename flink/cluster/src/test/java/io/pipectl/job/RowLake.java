package io.pipectl.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericAppenderFactory;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.encryption.EncryptedFiles;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.encryption.EncryptionKeyMetadata;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.types.Types;

/** A table like bronze with real rows in Parquet files, and delete files as another engine writes them. */
final class RowLake {
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "kafka_incarnation", Types.IntegerType.get()),
            Types.NestedField.required(2, "kafka_partition", Types.IntegerType.get()),
            Types.NestedField.required(3, "kafka_offset", Types.LongType.get()),
            Types.NestedField.optional(4, "value", Types.StringType.get()));

    final Table table;

    RowLake(Path folder) {
        var catalog = new HadoopCatalog(new Configuration(), "file:" + folder.resolve("ware house ü"));
        var spec = PartitionSpec.builderFor(SCHEMA).identity("kafka_partition").build();
        table = catalog.createTable(
                TableIdentifier.of("db", "rows"),
                SCHEMA,
                spec,
                Map.of("format-version", "2", "write.format.default", "parquet"));
    }

    /** Appends a file with the offsets from {@code first} up to {@code last}. */
    DataFile append(int partition, long first, long last, String value) throws IOException {
        var writer = factory().newDataWriter(output(), FileFormat.PARQUET, partition(partition));
        try (writer) {
            for (long offset = first; offset <= last; offset++) writer.write(row(partition, offset, value));
        }
        var file = writer.toDataFile();
        table.newAppend().appendFile(file).commit();
        return file;
    }

    /** Marks rows of a file as deleted, by their place in it. */
    DeleteFile deletePlaces(int partition, DataFile file, long... places) throws IOException {
        var writer = factory().newPosDeleteWriter(output(), FileFormat.PARQUET, partition(partition));
        try (writer) {
            for (long place : places)
                writer.write(PositionDelete.<Record>create().set(file.location(), place));
        }
        table.newRowDelta().addDeletes(writer.toDeleteFile()).commit();
        return writer.toDeleteFile();
    }

    /** Marks the rows with an offset as deleted, in all files that are there already. */
    void deleteOffset(int partition, long offset) throws IOException {
        var equal =
                new GenericAppenderFactory(SCHEMA, table.spec(), new int[] {3}, SCHEMA.select("kafka_offset"), null);
        var writer = equal.newEqDeleteWriter(output(), FileFormat.PARQUET, partition(partition));
        try (writer) {
            var record = GenericRecord.create(SCHEMA.select("kafka_offset"));
            record.setField("kafka_offset", offset);
            writer.write(record);
        }
        table.newRowDelta().addDeletes(writer.toDeleteFile()).commit();
    }

    /** What readers see: {@code partition/offset=value}, sorted. */
    List<String> rows() throws IOException {
        table.refresh();
        var rows = new ArrayList<String>();
        try (var found = IcebergGenerics.read(table).build()) {
            found.forEach(row -> rows.add(row.getField("kafka_partition") + "/" + row.getField("kafka_offset") + "="
                    + row.getField("value")));
        }
        rows.sort(null);
        return rows;
    }

    Map<String, String> from(Object... more) {
        table.refresh();
        var options = MaintenanceLake.options(more);
        options.put("from", String.valueOf(table.currentSnapshot().snapshotId()));
        return options;
    }

    static Path onDisk(String location) {
        return Path.of(location.replaceFirst("^file:", ""));
    }

    /** Turns bytes in the middle of a file over. */
    static void damage(String location) throws IOException {
        byte[] bytes = Files.readAllBytes(onDisk(location));
        for (int i = 4; i < bytes.length / 2; i++) bytes[i] ^= (byte) 0xff;
        Files.write(onDisk(location), bytes);
        Files.deleteIfExists(
                onDisk(location).resolveSibling("." + onDisk(location).getFileName() + ".crc"));
    }

    private GenericAppenderFactory factory() {
        return new GenericAppenderFactory(SCHEMA, table.spec());
    }

    private EncryptedOutputFile output() {
        String path = table.locationProvider().newDataLocation(UUID.randomUUID() + ".parquet");
        return EncryptedFiles.encryptedOutput(table.io().newOutputFile(path), EncryptionKeyMetadata.EMPTY);
    }

    private PartitionKey partition(int partition) {
        var key = new PartitionKey(table.spec(), SCHEMA);
        key.partition(row(partition, 0, ""));
        return key;
    }

    private static GenericRecord row(int partition, long offset, String value) {
        var record = GenericRecord.create(SCHEMA);
        record.setField("kafka_incarnation", 0);
        record.setField("kafka_partition", partition);
        record.setField("kafka_offset", offset);
        record.setField("value", value);
        return record;
    }
}

package io.pipectl.catalog;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.rest.RESTCatalogAdapter;
import org.apache.iceberg.rest.RESTCatalogServlet;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;

/**
 * Iceberg's own REST catalog servlet over a SQLite file, for one machine.
 *
 * <p>Iceberg ships a server with the same servlet, but it listens on every interface and shares its port with a second
 * copy of itself; this one is bound to the loopback address and fails when the port is taken.
 */
public final class CatalogServer {
    private CatalogServer() {}

    /**
     * @param args port, path of the SQLite file, warehouse location (a URI), and any further properties of the catalog
     *     as {@code name=value}: how it reaches a warehouse that is no local folder
     */
    public static void main(String[] args) throws Exception {
        if (args.length < 3) {
            throw new IllegalArgumentException("usage: CatalogServer PORT SQLITE_FILE WAREHOUSE_URI [NAME=VALUE...]");
        }
        var properties = new HashMap<>(Map.of(
                "catalog-impl", "org.apache.iceberg.jdbc.JdbcCatalog",
                // One connection: two that both read and then write wait for each other, and SQLite lets both fail.
                "clients", "1",
                "uri", "jdbc:sqlite:" + args[1],
                "jdbc.schema-version", "V1",
                "warehouse", args[2],
                "io-impl", "org.apache.iceberg.hadoop.HadoopFileIO"));
        for (var property : Arrays.asList(args).subList(3, args.length)) {
            var nameAndValue = property.split("=", 2);
            properties.put(nameAndValue[0], nameAndValue[1]);
        }
        var catalog = CatalogUtil.buildIcebergCatalog("lake", properties, new Configuration());

        var context = new ServletContextHandler();
        context.addServlet(new ServletHolder(new RESTCatalogServlet(new RESTCatalogAdapter(catalog))), "/*");
        // An address, not a name: nothing is looked up.
        @SuppressWarnings("AddressSelection")
        var address = new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0]));
        var server = new Server(address);
        server.setHandler(context);
        server.setStopAtShutdown(true);
        server.start();
        server.join();
    }
}

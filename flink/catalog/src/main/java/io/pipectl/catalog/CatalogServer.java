package io.pipectl.catalog;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.rest.RESTCatalogAdapter;
import org.apache.iceberg.rest.RESTCatalogServlet;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Iceberg's own REST catalog servlet over a SQLite file, for one machine.
 *
 * <p>Iceberg ships a server with the same servlet, but that listens on every interface, and shares its port with a
 * second instance of itself. This one is bound to the loopback address and fails when the port is taken.
 */
public final class CatalogServer {
    private CatalogServer() {}

    /**
     * @param args port, path of the SQLite file, warehouse location (a URI), and further catalog properties as
     *   {@code name=value}, for a warehouse that is not a local folder
     */
    public static void main(String[] args) throws Exception {
        if (args.length < 3) {
            throw new IllegalArgumentException("usage: CatalogServer PORT SQLITE_FILE WAREHOUSE_URI [NAME=VALUE...]");
        }
        var properties = new HashMap<>(Map.of(
                "catalog-impl", "org.apache.iceberg.jdbc.JdbcCatalog",
                // A single connection: if two connections both read and then write, they wait for
                // each other, and SQLite fails both.
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
        // Iceberg's clients separate the levels of a namespace by a control character, which Jetty refuses by itself.
        var http = new HttpConfiguration();
        http.setUriCompliance(UriCompliance.DEFAULT.with("iceberg", Violation.SUSPICIOUS_PATH_CHARACTERS));
        context.getServletHandler().setDecodeAmbiguousURIs(true);
        var server = new Server();
        var connector = new ServerConnector(server, new HttpConnectionFactory(http));
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(args[0]));
        server.addConnector(connector);
        server.setHandler(context);
        server.setStopAtShutdown(true);
        server.start();
        server.join();
    }
}

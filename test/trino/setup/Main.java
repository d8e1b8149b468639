/** Starts Trino's server. Its own main class is in an artifact that Maven Central does not have. */
public class Main {
  public static void main(String[] version) {
    new io.trino.server.Server().start(version[0]);
  }
}

/// The tables of second factors, and of failures that lock out.
enum FactorMigration {
  static let sql = """
    CREATE TABLE authenticator (
      id text PRIMARY KEY, person_id text NOT NULL REFERENCES person (id), kind bigint NOT NULL,
      label text NOT NULL, sealed_secret bytea NOT NULL, begun_at bigint NOT NULL,
      confirmed_at bigint, last_step bigint, last_used_at bigint, tries_left bigint NOT NULL);
    CREATE INDEX authenticator_person ON authenticator (person_id);
    CREATE TABLE recovery_code (
      person_id text NOT NULL REFERENCES person (id), digest bytea NOT NULL, used_at bigint,
      PRIMARY KEY (person_id, digest));
    CREATE TABLE lockout (
      subject bytea PRIMARY KEY, failures bigint NOT NULL, failed_at bigint NOT NULL,
      locked_until bigint NOT NULL);
    CREATE INDEX lockout_failed ON lockout (failed_at);
    """
}

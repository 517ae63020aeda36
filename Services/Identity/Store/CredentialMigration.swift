/// The tables of API keys and service identities.
enum CredentialMigration {
  static let sql = """
    CREATE TABLE api_key (
      id text PRIMARY KEY, organisation_id text NOT NULL REFERENCES organisation (id),
      maker_id text NOT NULL, digest bytea NOT NULL, sealed_secret bytea,
      created_at bigint NOT NULL, expires_at bigint NOT NULL, last_used_at bigint,
      revoked_at bigint, record bytea NOT NULL);
    CREATE UNIQUE INDEX api_key_digest ON api_key (digest);
    CREATE INDEX api_key_organisation ON api_key (organisation_id, created_at, id);
    CREATE INDEX api_key_maker ON api_key (maker_id);
    CREATE TABLE service_identity (
      id text PRIMARY KEY, name text NOT NULL, record bytea NOT NULL);
    CREATE UNIQUE INDEX service_identity_name ON service_identity (name);
    """
}

/// The tables of people, their contacts, codes, passwords and erasures.
enum PersonMigration {
  static let sql = """
    CREATE TABLE person (
      id text PRIMARY KEY, state bigint NOT NULL, display_name text NOT NULL,
      search_name text NOT NULL, language bigint NOT NULL, time_zone text NOT NULL,
      password text NOT NULL, last_sign_in_at bigint, stamp bytea NOT NULL, version bigint NOT NULL);
    CREATE INDEX person_search_name ON person (search_name);
    CREATE TABLE contact (
      id text PRIMARY KEY, person_id text NOT NULL REFERENCES person (id), kind bigint NOT NULL,
      address text NOT NULL, verified_at bigint, is_primary bigint NOT NULL,
      created_at bigint NOT NULL);
    CREATE INDEX contact_person ON contact (person_id);
    CREATE INDEX contact_address ON contact (address);
    CREATE UNIQUE INDEX contact_verified ON contact (address) WHERE verified_at IS NOT NULL;
    CREATE TABLE contact_code (
      id text PRIMARY KEY, purpose bigint NOT NULL, address text NOT NULL, contact_id text,
      person_id text, digest bytea NOT NULL, created_at bigint NOT NULL, expires_at bigint NOT NULL,
      tries_left bigint NOT NULL, used_at bigint, used_digest bytea);
    CREATE INDEX contact_code_address ON contact_code (address, created_at);
    CREATE INDEX contact_code_contact ON contact_code (contact_id);
    CREATE INDEX contact_code_expiry ON contact_code (expires_at);
    CREATE TABLE sent_message (
      id text PRIMARY KEY, address text NOT NULL, subject text NOT NULL, text text NOT NULL,
      created_at bigint NOT NULL);
    CREATE INDEX sent_message_address ON sent_message (address);
    CREATE TABLE erasure (
      id text PRIMARY KEY, person_id text NOT NULL, state bigint NOT NULL,
      effective_at bigint NOT NULL, facts bytea NOT NULL, reported text NOT NULL);
    CREATE INDEX erasure_person ON erasure (person_id);
    CREATE INDEX erasure_due ON erasure (state, effective_at);
    CREATE TABLE service_secret (
      name text PRIMARY KEY, sealed bytea NOT NULL, used_at bigint);
    CREATE TABLE sealed_record (
      scope text NOT NULL, id text NOT NULL, content bytea NOT NULL, sealed_answer bytea NOT NULL,
      answered_at bigint NOT NULL, kept_until bigint NOT NULL, PRIMARY KEY (scope, id));
    CREATE INDEX sealed_record_kept ON sealed_record (kept_until);
    """
}

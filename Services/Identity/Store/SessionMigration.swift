/// The tables of sign-ins, sessions, refresh tokens, signing keys and revocations.
enum SessionMigration {
  static let sql = """
    CREATE TABLE sign_in (
      id text PRIMARY KEY, person_id text NOT NULL REFERENCES person (id), token_digest bytea NOT NULL,
      device_label text NOT NULL, expires_at bigint NOT NULL, tries_left bigint NOT NULL,
      ended_at bigint);
    CREATE INDEX sign_in_expiry ON sign_in (expires_at);
    CREATE TABLE session (
      id text PRIMARY KEY, person_id text NOT NULL REFERENCES person (id),
      device_label text NOT NULL, user_agent text NOT NULL, address text NOT NULL,
      created_at bigint NOT NULL, last_seen_at bigint NOT NULL, idle_ends_at bigint NOT NULL,
      absolute_ends_at bigint NOT NULL, ended_at bigint, stepped_up_at bigint,
      assurance text NOT NULL, organisation_id text);
    CREATE INDEX session_person ON session (person_id, last_seen_at);
    CREATE INDEX session_end ON session (absolute_ends_at);
    CREATE TABLE refresh_token (
      digest bytea PRIMARY KEY, session_id text NOT NULL REFERENCES session (id),
      created_at bigint NOT NULL, spent_at bigint, spent_by text);
    CREATE INDEX refresh_token_session ON refresh_token (session_id);
    CREATE TABLE signing_key (
      id text PRIMARY KEY, algorithm bigint NOT NULL, public_key bytea NOT NULL,
      sealed_key bytea NOT NULL, created_at bigint NOT NULL, signs_from_at bigint NOT NULL,
      retired_at bigint, withdrawn_at bigint);
    CREATE TABLE revocation (
      id text PRIMARY KEY, kind bigint NOT NULL, subject_id text NOT NULL,
      occurred_at bigint NOT NULL, matters_until bigint NOT NULL, position bigint);
    CREATE UNIQUE INDEX revocation_position ON revocation (position);
    CREATE TABLE revocation_head (id bigint PRIMARY KEY, last_position bigint NOT NULL);
    INSERT INTO revocation_head VALUES (1, 0);
    """
}

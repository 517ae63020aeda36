/// The tables of organisations, members and invitations.
///
/// An organisation stands whole in `record`; the columns beside it find it. `organisation_term` holds
/// what searches look for, as bytes, so that "begins with" is a range in every collation: the words
/// of names and the registration number behind `n`, sectors behind `s`.
enum OrganisationMigration {
  static let sql = """
    CREATE TABLE organisation (
      id text PRIMARY KEY, kind bigint NOT NULL, state bigint NOT NULL,
      verification_state bigint NOT NULL, province bigint NOT NULL, name_key text NOT NULL,
      record bytea NOT NULL);
    CREATE INDEX organisation_name ON organisation (name_key, id);
    CREATE TABLE organisation_term (
      term bytea NOT NULL, organisation_id text NOT NULL REFERENCES organisation (id),
      PRIMARY KEY (term, organisation_id));
    CREATE INDEX organisation_term_owner ON organisation_term (organisation_id);
    CREATE TABLE membership (
      id text PRIMARY KEY, organisation_id text NOT NULL REFERENCES organisation (id),
      person_id text NOT NULL REFERENCES person (id), roles bigint NOT NULL,
      joined_at bigint NOT NULL, ended_at bigint, stamp bytea NOT NULL);
    CREATE UNIQUE INDEX membership_present ON membership (organisation_id, person_id)
      WHERE ended_at IS NULL;
    CREATE INDEX membership_person ON membership (person_id);
    CREATE TABLE invitation (
      id text PRIMARY KEY, organisation_id text NOT NULL REFERENCES organisation (id),
      state bigint NOT NULL, created_at bigint NOT NULL, expires_at bigint NOT NULL,
      token_digest bytea NOT NULL, answered_by text, record bytea NOT NULL);
    CREATE INDEX invitation_organisation ON invitation (organisation_id, created_at, id);
    """
}

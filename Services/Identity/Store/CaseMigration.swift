/// The tables of verification: cases whole, with columns that find them; the documents' place; what
/// came of it for each company.
enum CaseMigration {
  static let sql = """
    CREATE TABLE verification_case (
      id text PRIMARY KEY, organisation_id text NOT NULL REFERENCES organisation (id),
      state bigint NOT NULL, assignee_id text NOT NULL, waiting_since bigint NOT NULL,
      record bytea NOT NULL);
    CREATE UNIQUE INDEX verification_case_open ON verification_case (organisation_id)
      WHERE state IN (1, 2, 3, 4, 5);
    CREATE INDEX verification_case_queue ON verification_case (waiting_since, id);
    CREATE INDEX verification_case_organisation
      ON verification_case (organisation_id, waiting_since, id);
    CREATE TABLE case_document (
      id text PRIMARY KEY, case_id text NOT NULL REFERENCES verification_case (id),
      blob_name text);
    CREATE INDEX case_document_blob ON case_document (blob_name);
    CREATE TABLE verification (
      organisation_id text PRIMARY KEY REFERENCES organisation (id), status bytea NOT NULL,
      card bytea NOT NULL);
    """
}

/// The tables of the audit log. Entries stand as canonical bytes; the columns beside them only find
/// them, and are checked against the bytes when the chain is verified.
enum AuditMigration {
  static let sql = """
    CREATE TABLE audit_entry (
      sequence bigint PRIMARY KEY, occurred_at bigint NOT NULL, actor_key text NOT NULL,
      organisation_id text NOT NULL, object_id text NOT NULL, action text NOT NULL,
      entry bytea NOT NULL);
    CREATE INDEX audit_entry_occurred ON audit_entry (occurred_at, sequence);
    CREATE INDEX audit_entry_actor ON audit_entry (actor_key, sequence);
    CREATE INDEX audit_entry_organisation ON audit_entry (organisation_id, sequence);
    CREATE INDEX audit_entry_object ON audit_entry (object_id, sequence);
    CREATE TABLE audit_head (id bigint PRIMARY KEY, sequence bigint NOT NULL, hash bytea);
    INSERT INTO audit_head VALUES (1, 0, NULL);
    """
}

/// The tables of relation tuples and their history.
enum RelationMigration {
  static let sql = """
    CREATE TABLE relation_tuple (
      object_kind text NOT NULL, object_id text NOT NULL, relation text NOT NULL,
      subject_relation text NOT NULL, subject_kind text NOT NULL, subject_id text NOT NULL,
      PRIMARY KEY (object_kind, object_id, relation, subject_relation, subject_kind, subject_id));
    CREATE INDEX relation_tuple_subject
      ON relation_tuple (subject_kind, subject_id, subject_relation, relation);
    CREATE TABLE relation_change (
      position bigint NOT NULL, ordinal bigint NOT NULL, object_kind text NOT NULL,
      object_id text NOT NULL, relation text NOT NULL, subject_relation text NOT NULL,
      subject_kind text NOT NULL, subject_id text NOT NULL, removed bigint NOT NULL,
      occurred_at bigint NOT NULL, PRIMARY KEY (position, ordinal));
    CREATE TABLE relation_write (
      id text PRIMARY KEY, position bigint NOT NULL, occurred_at bigint NOT NULL);
    CREATE TABLE relation_head (id bigint PRIMARY KEY, position bigint NOT NULL);
    INSERT INTO relation_head VALUES (1, 0);
    """
}

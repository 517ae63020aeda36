-- The same ledger on PostgreSQL, for pgbench with transfer.sql.
CREATE TABLE account (id bigint PRIMARY KEY, debits bigint NOT NULL, credits bigint NOT NULL);
CREATE TABLE transfer (
  id uuid PRIMARY KEY, debit bigint NOT NULL, credit bigint NOT NULL, amount bigint NOT NULL,
  made_at timestamptz NOT NULL);
INSERT INTO account SELECT id, 0, 0 FROM generate_series(0, :accounts - 1) AS id;

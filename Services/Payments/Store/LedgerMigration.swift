import Storage

/// The ledger's tables.
///
/// Transfers are only ever added, each with the standing of both accounts right after it, so that
/// balances of any instant and statements are found by a key, however many transfers there are.
/// Accounts hold the present standing. `ledger_clock` gives instants: whoever books changes its one
/// row first, so that bookings follow one another, instants rise with commits, and two copies of the
/// service on one database agree. Accounts have short numbers because the indexes hold them twice.
enum LedgerMigration {
  static let sql = """
    CREATE TABLE ledger_clock (
      id bigint PRIMARY KEY, last_at bigint NOT NULL, last_account bigint NOT NULL);
    INSERT INTO ledger_clock VALUES (1, 0, 0);

    CREATE TABLE ledger_account (
      number bigint PRIMARY KEY, id bytea NOT NULL UNIQUE, currency text NOT NULL,
      purpose bigint NOT NULL, rule bigint NOT NULL, organisation bytea, order_id bytea,
      label text NOT NULL, opened_at bigint NOT NULL, opened_by bytea NOT NULL,
      state bigint NOT NULL, version bigint NOT NULL, changed_at bigint NOT NULL,
      changed_by bytea NOT NULL,
      debits_posted bigint NOT NULL, credits_posted bigint NOT NULL,
      debits_pending bigint NOT NULL, credits_pending bigint NOT NULL,
      debit_count bigint NOT NULL);
    CREATE INDEX ledger_account_organisation ON ledger_account (organisation, number)
      WHERE organisation IS NOT NULL;
    CREATE INDEX ledger_account_order ON ledger_account (order_id, number)
      WHERE order_id IS NOT NULL;

    CREATE TABLE ledger_transfer (
      at bigint PRIMARY KEY, id bytea NOT NULL UNIQUE, kind bigint NOT NULL, flags bigint NOT NULL,
      purpose bigint NOT NULL, debit bigint NOT NULL, credit bigint NOT NULL,
      amount bigint NOT NULL, pending_at bigint, timeout bigint, reference bytea, note text,
      actor bytea NOT NULL,
      debit_dp bigint NOT NULL, debit_cp bigint NOT NULL, debit_dr bigint NOT NULL,
      debit_cr bigint NOT NULL, credit_dp bigint NOT NULL, credit_cp bigint NOT NULL,
      credit_dr bigint NOT NULL, credit_cr bigint NOT NULL);
    CREATE INDEX ledger_transfer_debit ON ledger_transfer (debit, at);
    CREATE INDEX ledger_transfer_credit ON ledger_transfer (credit, at);
    CREATE INDEX ledger_transfer_reference ON ledger_transfer (reference, at)
      WHERE reference IS NOT NULL;

    CREATE TABLE ledger_pending (
      at bigint PRIMARY KEY, debit bigint NOT NULL, credit bigint NOT NULL, amount bigint NOT NULL,
      times_out_at bigint, state bigint NOT NULL, posted_amount bigint NOT NULL);
    CREATE INDEX ledger_pending_due ON ledger_pending (times_out_at) WHERE state = 1;
    """

  /// The movements of each account, in place of two indexes of the transfers, which cost each booking a
  /// page for either account: entries are made for thousands of transfers at once, in the order of
  /// accounts. Transfers behind `entered_at`, about `waiting_count`, have none yet.
  static let entries = """
    CREATE TABLE ledger_entry (
      account bigint NOT NULL, at bigint NOT NULL, PRIMARY KEY (account, at));
    ALTER TABLE ledger_clock ADD COLUMN entered_at bigint NOT NULL DEFAULT 0;
    ALTER TABLE ledger_clock ADD COLUMN waiting_count bigint NOT NULL DEFAULT 0;
    INSERT INTO ledger_entry SELECT debit, at FROM ledger_transfer;
    INSERT INTO ledger_entry SELECT credit, at FROM ledger_transfer;
    UPDATE ledger_clock SET entered_at = last_at;
    DROP INDEX ledger_transfer_debit;
    DROP INDEX ledger_transfer_credit;
    """
}

import PaymentsContracts
import Platform
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// Wallets, their tiers, their payments, and how far their limits are used.
enum WalletStore {
  static let wallets = RecordTable<Payments.Wallet>(
    name: "wallet", columns: ["owner", "organisation_id", "person_id", "phone", "currency"])
  static let tiers = RecordTable<Payments.WalletTier>(
    name: "wallet_tier", columns: ["code", "from_day"])
  static let payments = RecordTable<Payments.WalletPayment>(
    name: "wallet_payment", columns: ["wallet_id", "other_wallet_id"])
  static let openings = RecordTable<Payments.BusinessAccounts>(
    name: "business_opening", columns: [])

  /// The statements of the migration. Wallets are listed by `sort`, their opening; tiers by rank;
  /// payments newest first. An owner has one wallet that is not closed (state 3) in a currency, and a
  /// number leads to one.
  static let tables = """
    CREATE TABLE wallet (
      id text PRIMARY KEY, state bigint NOT NULL, sort bigint NOT NULL, content bytea NOT NULL,
      owner text NOT NULL, organisation_id text NOT NULL, person_id text NOT NULL,
      phone text NOT NULL, currency text NOT NULL);
    CREATE UNIQUE INDEX wallet_owner ON wallet (owner, currency) WHERE state <> 3;
    CREATE UNIQUE INDEX wallet_phone ON wallet (phone, currency) WHERE state <> 3;
    CREATE INDEX wallet_order ON wallet (sort, id);
    CREATE TABLE wallet_tier (
      id text PRIMARY KEY, state bigint NOT NULL, sort bigint NOT NULL, content bytea NOT NULL,
      code text NOT NULL, from_day bigint NOT NULL);
    CREATE INDEX wallet_tier_code ON wallet_tier (code, from_day);
    CREATE TABLE wallet_payment (
      id text PRIMARY KEY, state bigint NOT NULL, sort bigint NOT NULL, content bytea NOT NULL,
      wallet_id text NOT NULL, other_wallet_id text NOT NULL);
    CREATE INDEX wallet_payment_wallet ON wallet_payment (wallet_id, sort, id);
    CREATE INDEX wallet_payment_other ON wallet_payment (other_wallet_id, sort, id);
    CREATE TABLE wallet_use (
      wallet_id text NOT NULL, kind bigint NOT NULL, period bigint NOT NULL, used bigint NOT NULL,
      PRIMARY KEY (wallet_id, kind, period));
    CREATE TABLE wallet_lookup (
      caller text NOT NULL, hour bigint NOT NULL, count bigint NOT NULL, PRIMARY KEY (caller, hour));
    CREATE TABLE business_opening (
      id text PRIMARY KEY, state bigint NOT NULL, sort bigint NOT NULL, content bytea NOT NULL);
    """
}

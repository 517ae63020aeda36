import PaymentsContracts
import Storage

/// The tables of orders, disputes, payouts and providers.
enum TradeTables {
  static let orders = RecordTable<Payments.Order>(
    name: "trade_order",
    columns: [
      "buyer_id", "seller_id", "quote_id", "payer_account_id", "extended_days", "being_shipped",
      "lead_time", "inspection",
    ])
  static let steps = RecordTable<Payments.OrderStep>(name: "order_step", columns: ["order_id"])
  static let fundings = RecordTable<Payments.Funding>(
    name: "funding", columns: ["order_id"])
  static let disputes = RecordTable<Payments.Dispute>(
    name: "dispute", columns: ["order_id", "buyer_id", "seller_id"])
  static let refunds = RecordTable<Payments.Refund>(
    name: "refund", columns: ["order_id", "buyer_id", "seller_id"])
  static let beneficiaries = RecordTable<Payments.Beneficiary>(
    name: "beneficiary", columns: ["organisation_id"])
  static let payouts = RecordTable<Payments.Payout>(
    name: "payout",
    columns: [
      "organisation_id", "batch_id", "fee_transfer_id", "amount", "currency", "requested_at",
    ])
  static let batches = RecordTable<Payments.PayoutBatch>(name: "payout_batch", columns: [])
  static let providers = RecordTable<Payments.Provider>(
    name: "provider", columns: ["code", "secret", "old_secret", "old_secret_until"])
  static let requests = RecordTable<Payments.ProviderRequest>(
    name: "provider_request",
    columns: [
      "provider_code", "reference_id", "sent_at", "settled_as", "settled_reference", "details",
    ])

  /// The statements that make those of orders and disputes, and of what is to be done.
  static let tradeTables = WorkQueue.table + order + dispute
  /// The statements that make those of payouts and providers.
  static let payoutTables = payout + provider

  private static let record =
    "id text PRIMARY KEY, state bigint NOT NULL, sort bigint NOT NULL, content bytea NOT NULL"

  private static let order = """
    CREATE TABLE trade_order (\(record), buyer_id text NOT NULL, seller_id text NOT NULL,
      quote_id text NOT NULL, payer_account_id text NOT NULL, extended_days bigint NOT NULL,
      being_shipped bigint NOT NULL, lead_time bigint NOT NULL, inspection bigint NOT NULL);
    CREATE UNIQUE INDEX trade_order_quote ON trade_order (quote_id) WHERE state <> 9;
    CREATE INDEX trade_order_buyer ON trade_order (buyer_id, sort, id);
    CREATE INDEX trade_order_seller ON trade_order (seller_id, sort, id);
    CREATE TABLE order_step (\(record), order_id text NOT NULL);
    CREATE INDEX order_step_order ON order_step (order_id, sort, id);
    CREATE TABLE shipping_document (id text PRIMARY KEY, order_id text NOT NULL);
    CREATE TABLE funding (\(record), order_id text NOT NULL);
    CREATE INDEX funding_order ON funding (order_id);
    """

  private static let dispute = """
    CREATE TABLE dispute (\(record), order_id text NOT NULL, buyer_id text NOT NULL,
      seller_id text NOT NULL);
    CREATE TABLE dispute_evidence (id text PRIMARY KEY, dispute_id text NOT NULL);
    CREATE INDEX dispute_order ON dispute (order_id);
    CREATE INDEX dispute_due ON dispute (sort, id);
    CREATE TABLE refund (\(record), order_id text NOT NULL, buyer_id text NOT NULL,
      seller_id text NOT NULL);
    CREATE INDEX refund_order ON refund (order_id);
    """

  private static let payout = """
    CREATE TABLE beneficiary (\(record), organisation_id text NOT NULL);
    CREATE INDEX beneficiary_organisation ON beneficiary (organisation_id);
    CREATE TABLE payout (\(record), organisation_id text NOT NULL, batch_id text NOT NULL,
      fee_transfer_id text NOT NULL, amount bigint NOT NULL, currency text NOT NULL,
      requested_at bigint NOT NULL);
    CREATE INDEX payout_organisation ON payout (organisation_id, requested_at);
    CREATE INDEX payout_batch_id ON payout (batch_id);
    CREATE TABLE payout_batch (\(record));
    """

  private static let provider = """
    CREATE TABLE provider (\(record), code text NOT NULL, secret bytea, old_secret bytea,
      old_secret_until bigint);
    CREATE UNIQUE INDEX provider_code ON provider (code);
    CREATE TABLE provider_request (\(record), provider_code text NOT NULL,
      reference_id text NOT NULL, sent_at bigint, settled_as bigint, settled_reference text,
      details bytea NOT NULL);
    CREATE INDEX provider_request_reference ON provider_request (reference_id);
    """
}

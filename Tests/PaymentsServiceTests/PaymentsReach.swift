import AccessTesting

extension [String: Reach] {
  /// What each method of payments reaches. A method that is not here fails the access test.
  static let ofPayments: Self = ledger.merging(wallets) { $1 }.merging(trade) { $1 }
    .merging(payouts) { $1 }.merging(other) { $1 }

  private static let ledger: Self = [
    "LedgerService.CreateAccounts": .programme,
    "LedgerService.GetAccount": .resource(#"{"id":"{account}"}"#),
    "LedgerService.BatchGetAccounts": .programme,
    "LedgerService.ListAccounts": .organisation(#"{"organisationId":"{company}"}"#),
    "LedgerService.SetAccountState": .programme,
    "LedgerService.CreateTransfer": .programme,
    "LedgerService.CreateTransfers": .programme,
    "LedgerService.StreamTransfers": .programme,
    "LedgerService.GetTransfer": .resource(#"{"id":"{transfer}"}"#),
    "LedgerService.BatchGetTransfers": .programme,
    "LedgerService.ListTransfers": .resource(#"{"accountId":"{account}"}"#),
    "LedgerService.GetBalance": .resource(#"{"accountId":"{account}"}"#),
    "LedgerService.GetStatement": .resource(#"{"accountId":"{account}"}"#),
    "LedgerService.ExportStatement": .resource(
      #"{"accountId":"{account}","format":"STATEMENT_FORMAT_CSV"}"#),
    "LedgerService.GetTrialBalance": .programme,
    "LedgerService.ListCurrencies": .anyone,

    "ExchangeService.ListExchangeRates": .anyone,
    "ExchangeService.SetExchangeRate": .programme,
    "ExchangeService.CreateExchangeQuote": .organisation(
      """
      {"id":"{new}","organisationId":"{company}","sellCurrencyCode":"USD","buyCurrencyCode":"PKR",
       "amount":{"minorUnits":"1000","currencyCode":"USD"}}
      """),
    "ExchangeService.GetExchangeQuote": .resource(#"{"id":"{quote}"}"#),
    "ExchangeService.Convert": .resource(
      """
      {"id":"{new}","quoteId":"{quote}","debitAccountId":"{dollars}","creditAccountId":"{account}"}
      """),
    "ExchangeService.GetConversion": .resource(#"{"id":"{conversion}"}"#),
  ]

  private static let wallets: Self = [
    "WalletService.OpenWallet": .organisation(
      """
      {"id":"{new}","organisationId":"{company}","phone":{"e164":"+923001234599"},
       "currencyCode":"PKR"}
      """),
    "WalletService.OpenBusinessAccounts": .organisation(
      #"{"id":"{new}","organisationId":"{company}","currencyCodes":["PKR"]}"#),
    "WalletService.GetBusinessAccounts": .organisation(#"{"organisationId":"{company}"}"#),
    "WalletService.CloseBusinessAccounts": .services,
    "WalletService.GetWallet": .resource(#"{"id":"{wallet}"}"#),
    "WalletService.ListWallets": .organisation(#"{"organisationId":"{company}"}"#),
    "WalletService.ResolveWallet": .own(),
    "WalletService.SendMoney": .resource(
      """
      {"id":"{new}","walletId":"{wallet}","toWalletId":"{otherWallet}",
       "amount":{"minorUnits":"100","currencyCode":"PKR"}}
      """),
    "WalletService.TopUpWallet": .resource(
      """
      {"id":"{new}","walletId":"{wallet}","providerCode":"easy-sim","instrumentToken":"tok",
       "amount":{"minorUnits":"100","currencyCode":"PKR"}}
      """),
    "WalletService.GetWalletPayment": .resource(#"{"id":"{walletPayment}"}"#),
    "WalletService.ListWalletPayments": .resource(#"{"walletId":"{wallet}"}"#),
    "WalletService.SetWalletState": .programme,
    "WalletService.SetWalletTier": .programme,
    "WalletService.ListWalletTiers": .anyone,
    "WalletService.CreateWalletTier": .programme,
    "WalletService.CreateQrCode": .absent,
    "WalletService.DecodeQrCode": .absent,
    "WalletService.PayQrCode": .absent,
  ]

  private static let trade: Self = [
    "OrderService.CreateOrder": .organisation(
      """
      {"id":"{new}","buyerOrganisationId":"{company}","quoteId":"{tradeQuote}",
       "quoteSha256":"{tradeQuoteDigest}"}
      """),
    "OrderService.GetOrder": .resource(#"{"id":"{order}"}"#),
    "OrderService.ListOrders": .organisation(#"{"organisationId":"{company}"}"#),
    "OrderService.FundOrder": .resource(
      #"{"id":"{new}","orderId":"{reserved}","debitAccountId":"{account}"}"#),
    "OrderService.GetFunding": .resource(#"{"id":"{funding}"}"#),
    "OrderService.MarkShipped": .resource(
      #"{"id":"{sale}","shipment":{"carrier":"Sea Line","mode":"TRANSPORT_MODE_SEA"}}"#),
    "OrderService.UploadShippingDocument": .resource(
      """
      {"id":"{new}","orderId":"{sale}","kind":"SHIPPING_DOCUMENT_KIND_PACKING_LIST",
       "fileName":"list.pdf","chunk":"JVBERi0xLjQKJSVFT0YK"}
      """),
    "OrderService.DownloadShippingDocument": .resource(#"{"id":"{document}"}"#),
    "OrderService.AddTrackingEvent": .resource(
      """
      {"id":"{new}","orderId":"{sale}",
       "trackingEvent":{"place":"Karachi","what":"loaded","occurredAt":"2025-11-24T16:00:00Z"}}
      """),
    "OrderService.ConfirmReceipt": .resource(#"{"id":"{order}"}"#),
    "OrderService.ExtendReceipt": .resource(#"{"id":"{new}","orderId":"{sale}","days":3}"#),
    // Who may read it cancels as who bought or who sells.
    "OrderService.CancelOrder": .resource(
      #"{"id":"{reserved}","reason":"no need"}"#, holding: "payments.order.buy"),
    "OrderService.ListOrderSteps": .resource(#"{"orderId":"{order}"}"#),
    // One that has ended, or whoever may watch would watch for ever.
    "OrderService.WatchOrder": .resource(#"{"id":"{settled}"}"#),

    "DisputeService.OpenDispute": .resource(
      """
      {"id":"{new}","orderId":"{order}","reason":"DISPUTE_REASON_NOT_ARRIVED","account":"lost",
       "claimed":{"minorUnits":"10","currencyCode":"PKR"}}
      """),
    "DisputeService.GetDispute": .resource(#"{"id":"{dispute}"}"#),
    "DisputeService.ListDisputes": .organisation(#"{"organisationId":"{company}"}"#),
    "DisputeService.UploadEvidence": .resource(
      """
      {"id":"{new}","disputeId":"{dispute}","note":"wet","fileName":"wet.pdf",
       "chunk":"JVBERi0xLjQKJSVFT0YK"}
      """),
    "DisputeService.DownloadEvidence": .resource(#"{"id":"{evidence}"}"#),
    "DisputeService.AnswerDispute": .resource(
      #"{"id":"{answerable}","contested":true,"account":"it was dry"}"#),
    "DisputeService.WithdrawDispute": .resource(#"{"id":"{dispute}"}"#),
    "DisputeService.ProposeDisputeOutcome": .programme,
    "DisputeService.ConfirmDisputeOutcome": .programme,
    "DisputeService.CreateRefund": .programme,
    "DisputeService.ApproveRefund": .programme,
    "DisputeService.RejectRefund": .programme,
    "DisputeService.GetRefund": .resource(#"{"id":"{refund}"}"#),
    "DisputeService.ListRefunds": .organisation(#"{"organisationId":"{company}"}"#),
  ]

  private static let payouts: Self = [
    "PayoutService.CreateBeneficiary": .organisation(
      """
      {"id":"{new}","organisationId":"{company}","beneficiary":{"label":"Our bank",
       "kind":"DESTINATION_KIND_BANK_ACCOUNT","holderName":"Khewra Salt",
       "iban":"PK36SCBL0000001123456702","providerCode":"easy-sim","currencyCode":"PKR"}}
      """),
    "PayoutService.ListBeneficiaries": .organisation(#"{"organisationId":"{company}"}"#),
    "PayoutService.RemoveBeneficiary": .resource(#"{"id":"{beneficiary}"}"#),
    "PayoutService.CreatePayout": .organisation(
      """
      {"id":"{new}","organisationId":"{company}","accountId":"{account}",
       "beneficiaryId":"{beneficiary}","amount":{"minorUnits":"100","currencyCode":"PKR"}}
      """),
    "PayoutService.GetPayout": .resource(#"{"id":"{payout}"}"#),
    "PayoutService.ListPayouts": .organisation(#"{"organisationId":"{company}"}"#),
    "PayoutService.ApprovePayout": .programme,
    "PayoutService.RejectPayout": .programme,
    "PayoutService.CancelPayout": .resource(#"{"id":"{payout}"}"#),
    "PayoutService.CreatePayoutBatch": .programme,
    "PayoutService.GetPayoutBatch": .programme,
    "PayoutService.ListPayoutBatches": .programme,
    "PayoutService.ApprovePayoutBatch": .programme,
    "PayoutService.RejectPayoutBatch": .programme,

    "ProviderService.ListProviders": .anyone,
    "ProviderService.CreateProvider": .programme,
    "ProviderService.UpdateProvider": .programme,
    "ProviderService.SetProviderSecret": .programme,
    "ProviderService.ListProviderRequests": .programme,
    "ProviderService.GetProviderRequest": .programme,
    "ProviderService.AskProviderAgain": .programme,
    "ProviderService.SettleProviderRequest": .programme,
    "ProviderService.ReceiveCallback": .anyone,
  ]

  private static let other: Self = [
    "WebhookService.CreateWebhook": .absent,
    "WebhookService.GetWebhook": .absent,
    "WebhookService.ListWebhooks": .absent,
    "WebhookService.UpdateWebhook": .absent,
    "WebhookService.DeleteWebhook": .absent,
    "WebhookService.RotateWebhookSecret": .absent,
    "WebhookService.SendTestDelivery": .absent,
    "WebhookService.ListWebhookDeliveries": .absent,
    "WebhookService.ReplayWebhookDelivery": .absent,

    "ReconciliationService.UploadProviderStatement": .absent,
    "ReconciliationService.GetProviderStatement": .absent,
    "ReconciliationService.ListProviderStatements": .absent,
    "ReconciliationService.ListExceptions": .absent,
    "ReconciliationService.AssignException": .absent,
    "ReconciliationService.ResolveException": .absent,

    "AlertService.ListAlerts": .absent,
    "AlertService.TakeAlert": .absent,
    "AlertService.CloseAlert": .absent,
    "AlertService.ListAlertRules": .absent,
    "AlertService.CreateAlertRule": .absent,
    "AlertService.UpdateAlertRule": .absent,

    "EventService.ListEvents": .services,
    "EventService.StreamEvents": .services,
  ]
}

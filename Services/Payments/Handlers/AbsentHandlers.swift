import PaymentsContracts
import RPC
import TypeContracts

// What a later release brings. Its place is in the contract; until then callers learn that it is
// absent, and not that they did something wrong.

/// Webhooks out: not in this release.
struct WebhookHandler: Payments.WebhookService {
  private let absent = PaymentsError.featureAbsent("webhooks")

  func createWebhook(
    _ request: Payments.CreateWebhookRequest, _ context: CallContext
  ) async throws -> Payments.CreateWebhookResponse { throw absent }

  func getWebhook(
    _ request: Payments.GetWebhookRequest, _ context: CallContext
  ) async throws -> Payments.Webhook { throw absent }

  func listWebhooks(
    _ request: Payments.ListWebhooksRequest, _ context: CallContext
  ) async throws -> Payments.ListWebhooksResponse { throw absent }

  func updateWebhook(
    _ request: Payments.UpdateWebhookRequest, _ context: CallContext
  ) async throws -> Payments.Webhook { throw absent }

  func deleteWebhook(
    _ request: Payments.DeleteWebhookRequest, _ context: CallContext
  ) async throws -> Payments.DeleteWebhookResponse { throw absent }

  func rotateWebhookSecret(
    _ request: Payments.RotateWebhookSecretRequest, _ context: CallContext
  ) async throws -> Payments.RotateWebhookSecretResponse { throw absent }

  func sendTestDelivery(
    _ request: Payments.SendTestDeliveryRequest, _ context: CallContext
  ) async throws -> Payments.WebhookDelivery { throw absent }

  func listWebhookDeliveries(
    _ request: Payments.ListWebhookDeliveriesRequest, _ context: CallContext
  ) async throws -> Payments.ListWebhookDeliveriesResponse { throw absent }

  func replayWebhookDelivery(
    _ request: Payments.ReplayWebhookDeliveryRequest, _ context: CallContext
  ) async throws -> Payments.WebhookDelivery { throw absent }

}

/// Reconciliation of provider statements: not in this release.
struct ReconciliationHandler: Payments.ReconciliationService {
  private let absent = PaymentsError.featureAbsent("reconciliations")

  func uploadProviderStatement(
    _ request: RequestStream<Payments.UploadProviderStatementRequest>, _ context: CallContext
  ) async throws -> Payments.ProviderStatement { throw absent }

  func getProviderStatement(
    _ request: Payments.GetProviderStatementRequest, _ context: CallContext
  ) async throws -> Payments.ProviderStatement { throw absent }

  func listProviderStatements(
    _ request: Payments.ListProviderStatementsRequest, _ context: CallContext
  ) async throws -> Payments.ListProviderStatementsResponse { throw absent }

  func listExceptions(
    _ request: Payments.ListExceptionsRequest, _ context: CallContext
  ) async throws -> Payments.ListExceptionsResponse { throw absent }

  func assignException(
    _ request: Payments.AssignExceptionRequest, _ context: CallContext
  ) async throws -> Payments.ReconciliationException { throw absent }

  func resolveException(
    _ request: Payments.ResolveExceptionRequest, _ context: CallContext
  ) async throws -> Payments.ReconciliationException { throw absent }

}

/// Alerts and their rules: not in this release.
struct AlertHandler: Payments.AlertService {
  private let absent = PaymentsError.featureAbsent("alerts")

  func listAlerts(
    _ request: Payments.ListAlertsRequest, _ context: CallContext
  ) async throws -> Payments.ListAlertsResponse { throw absent }

  func takeAlert(
    _ request: Payments.TakeAlertRequest, _ context: CallContext
  ) async throws -> Payments.Alert { throw absent }

  func closeAlert(
    _ request: Payments.CloseAlertRequest, _ context: CallContext
  ) async throws -> Payments.Alert { throw absent }

  func listAlertRules(
    _ request: Payments.ListAlertRulesRequest, _ context: CallContext
  ) async throws -> Payments.ListAlertRulesResponse { throw absent }

  func createAlertRule(
    _ request: Payments.CreateAlertRuleRequest, _ context: CallContext
  ) async throws -> Payments.AlertRule { throw absent }

  func updateAlertRule(
    _ request: Payments.UpdateAlertRuleRequest, _ context: CallContext
  ) async throws -> Payments.AlertRule { throw absent }

}

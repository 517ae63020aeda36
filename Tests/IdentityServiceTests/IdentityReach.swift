import AccessTesting

extension [String: Reach] {
  /// What each method of identity reaches. A method that is not here fails the access test.
  static let ofIdentity: Self = [
    "AccountService.Register": .anyone,
    "AccountService.VerifyContact": .anyone,
    "AccountService.SendContactCode": .own(#"{"id":"{new}","contactId":"{contact}"}"#),
    "AccountService.GetMe": .own(),
    "AccountService.GetPerson": .programme,
    "AccountService.ListPeople": .programme,
    "AccountService.BatchGetPeople": .services,
    "AccountService.GetPrimaryContact": .services,
    "AccountService.UpdateMe": .own(),
    "AccountService.AddContact": .own(),
    "AccountService.RemoveContact": .own(#"{"id":"{contact}"}"#),
    "AccountService.SetPrimaryContact": .own(#"{"id":"{contact}"}"#),
    "AccountService.ChangePassword": .own(),
    "AccountService.StartPasswordReset": .anyone,
    "AccountService.CompletePasswordReset": .anyone,
    "AccountService.SuspendPerson": .programme,
    "AccountService.ReinstatePerson": .programme,
    "AccountService.UnlockPerson": .programme,
    "AccountService.ExportMyData": .own(),
    "AccountService.RequestErasure": .own(),
    "AccountService.WithdrawErasure": .own(#"{"id":"{erasure}"}"#),
    "AccountService.GetErasure": .own(#"{"id":"{erasure}"}"#),
    "AccountService.ReportErasure": .services,
    "AccountService.ClaimFirstAdministrator": .anyone,
    "AccountService.ListMailbox": .anyone,

    "AuthenticatorService.ListAuthenticators": .own(),
    "AuthenticatorService.BeginTotp": .own(),
    "AuthenticatorService.ConfirmTotp": .own(#"{"id":"{factor}","code":"000000"}"#),
    "AuthenticatorService.RegenerateRecoveryCodes": .own(),
    "AuthenticatorService.RemoveAuthenticator": .own(#"{"id":"{factor}"}"#),
    "AuthenticatorService.BeginPasskeyRegistration": .absent,
    "AuthenticatorService.FinishPasskeyRegistration": .absent,

    "SessionService.SignIn": .anyone,
    "SessionService.CompleteSignIn": .anyone,
    "SessionService.BeginPasskeySignIn": .absent,
    "SessionService.FinishPasskeySignIn": .absent,
    "SessionService.Refresh": .anyone,
    "SessionService.SignOut": .own(),
    "SessionService.StepUp": .own(),
    "SessionService.ListSessions": .own(),
    "SessionService.RevokeSession": .own(#"{"id":"{session}"}"#),
    "SessionService.RevokeAllSessions": .own(),
    "SessionService.GetKeySet": .anyone,
    "SessionService.ListSigningKeys": .programme,
    "SessionService.RotateSigningKey": .programme,
    "SessionService.StreamRevocations": .services,

    "OrganisationService.CreateOrganisation": .own(),
    "OrganisationService.GetOrganisation": .organisation(#"{"id":"{company}"}"#),
    "OrganisationService.GetSupplierCard": .anyone,
    "OrganisationService.BatchGetSupplierCards": .anyone,
    "OrganisationService.UpdateOrganisation": .organisation(
      #"{"id":"{company}","expectedVersion":"99","organisation":{"employeeCount":7},"updateMask":"employeeCount"}"#
    ),
    "OrganisationService.ListMyOrganisations": .own(),
    "OrganisationService.SearchOrganisations": .programme,
    "OrganisationService.SuspendOrganisation": .programme,
    "OrganisationService.ReinstateOrganisation": .programme,
    "OrganisationService.CloseOrganisation": .organisation(#"{"id":"{company}"}"#),
    "OrganisationService.TransferOwnership": .organisation(
      #"{"id":"{company}","newOwnerId":"{new}"}"#),
    "OrganisationService.CreateInvitation": .organisation(
      """
      {"id":"{new}","organisationId":"{company}","contactAddress":"new@example.pk",
       "roles":["ROLE_VIEWER"]}
      """),
    "OrganisationService.ListInvitations": .organisation(#"{"organisationId":"{company}"}"#),
    "OrganisationService.RevokeInvitation": .resource(#"{"id":"{invitation}"}"#),
    "OrganisationService.AcceptInvitation": .own(),
    "OrganisationService.DeclineInvitation": .anyone,
    "OrganisationService.ListMemberships": .organisation(#"{"organisationId":"{company}"}"#),
    "OrganisationService.SetMembershipRoles": .resource(
      #"{"id":"{membership}","expectedVersion":"99","roles":["ROLE_VIEWER"]}"#),
    "OrganisationService.RemoveMembership": .resource(#"{"id":"{membership}"}"#),
    "OrganisationService.LeaveOrganisation": .own(),

    "RelationService.CheckRelation": .programme,
    "RelationService.BatchCheckRelations": .services,
    "RelationService.ExpandRelation": .programme,
    "RelationService.ListObjects": .programme,
    "RelationService.ListSubjects": .programme,
    "RelationService.ListTuples": .programme,
    "RelationService.WriteTuples": .programme,
    "RelationService.GetWrite": .services,
    "RelationService.StreamTupleChanges": .services,

    "CredentialService.CreateApiKey": .organisation(
      #"{"id":"{new}","organisationId":"{company}","label":"x","permissions":["catalog.stock.read"]}"#
    ),
    "CredentialService.ListApiKeys": .organisation(#"{"organisationId":"{company}"}"#),
    "CredentialService.RevokeApiKey": .resource(#"{"id":"{apiKey}"}"#),
    "CredentialService.ExchangeApiKey": .anyone,
    "CredentialService.CreateServiceIdentity": .programme,
    "CredentialService.ListServiceIdentities": .programme,
    "CredentialService.DisableServiceIdentity": .programme,

    "AuthorizationService.CreateOAuthClient": .absent,
    "AuthorizationService.GetOAuthClient": .absent,
    "AuthorizationService.ListOAuthClients": .absent,
    "AuthorizationService.UpdateOAuthClient": .absent,
    "AuthorizationService.DeleteOAuthClient": .absent,
    "AuthorizationService.Authorize": .absent,
    "AuthorizationService.ExchangeGrant": .absent,
    "AuthorizationService.RevokeGrant": .absent,
    "AuthorizationService.IntrospectToken": .absent,
    "AuthorizationService.GetUserInfo": .absent,
    "AuthorizationService.GetDiscovery": .absent,
    "AuthorizationService.ListGrants": .absent,
    "AuthorizationService.DeleteGrant": .absent,

    "VerificationService.CreateCase": .organisation(
      #"{"id":"{new}","organisationId":"{company}"}"#),
    "VerificationService.GetCase": .resource(#"{"id":"{case}"}"#),
    "VerificationService.ListCases": .organisation(#"{"organisationId":"{company}"}"#),
    "VerificationService.UpdateCase": .resource(
      #"{"id":"{case}","expectedVersion":"99","facts":{"legalName":"B"},"updateMask":"legalName"}"#),
    "VerificationService.UploadCaseDocument": .resource(
      """
      {"id":"{new}","caseId":"{case}","kind":"DOCUMENT_KIND_TAX_CERTIFICATE","fileName":"a.pdf",
       "chunk":"JVBERi0xLjQK"}
      """),
    "VerificationService.DownloadCaseDocument": .resource(#"{"id":"{document}"}"#),
    "VerificationService.RemoveCaseDocument": .resource(#"{"id":"{document}"}"#),
    "VerificationService.SubmitCase": .resource(#"{"id":"{case}"}"#),
    "VerificationService.WithdrawCase": .resource(#"{"id":"{case}"}"#),
    "VerificationService.AssignCase": .programme,
    "VerificationService.ReviewCaseDocument": .programme,
    "VerificationService.RequestCaseChanges": .programme,
    "VerificationService.ProposeCaseDecision": .programme,
    "VerificationService.ConfirmCaseDecision": .programme,
    "VerificationService.RevokeVerification": .programme,
    "VerificationService.GetVerificationStatus": .anyone,
    "VerificationService.BatchGetVerificationStatus": .services,

    "AuditService.ListAuditEntries": .programme,
    "AuditService.GetAuditEntry": .programme,
    "AuditService.GetAuditHead": .programme,
    "AuditService.VerifyAuditChain": .programme,
    "AuditService.ExportAuditEntries": .programme,

    "EventService.ListEvents": .services,
    "EventService.StreamEvents": .services,
  ]
}

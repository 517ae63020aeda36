internal import IdentityContracts
internal import Platform
internal import TypeContracts

/// A message to a person's contact, in their language.
struct ContactMessage: Sendable, Hashable {
  /// To whom.
  let address: ContactAddress
  /// Subject line; empty for a short message.
  let subject: String
  /// The whole text.
  let text: String

  /// What there is to say.
  enum Content: Sendable, Hashable {
    /// The code that proves the contact.
    case verification(code: String)
    /// The code that sets a new password.
    case reset(code: String)
    /// Somebody gave this contact as theirs.
    case contactTaken
    /// The contact no longer belongs to the account.
    case contactRemoved
    /// The password was changed.
    case passwordChanged
    /// Sign-in is locked for a while.
    case lockedOut
    /// Every session was ended, because a refresh token came twice.
    case theftDetected
    /// Somebody invites the reader to join an organisation.
    case invitation(organisation: String, id: UUID, token: String)
  }

  /// A message in a language; English unless it is one of the others.
  init(_ content: Content, to address: ContactAddress, in language: SaraiType.Language) {
    self.address = address
    let (subject, text) =
      switch language {
      case .ur: Self.urdu(content)
      case .zh: Self.chinese(content)
      default: Self.english(content)
      }
    self.subject = address.kind == .email ? subject : ""
    self.text = text
  }

  private static func english(_ content: Content) -> (String, String) {
    switch content {
    case .verification(let code):
      (
        "Your Sarai code",
        "\(code) is your code for Sarai. It works for 10 minutes. Give it to nobody."
      )
    case .reset(let code):
      (
        "A new password for Sarai",
        "\(code) is your code to set a new password. It works for 15 minutes. If you did not ask for"
          + " it, do nothing."
      )
    case .contactTaken:
      (
        "Your address at Sarai",
        "Somebody gave this address to Sarai as theirs. It belongs to your account, and nothing has"
          + " changed. If it was you, sign in or set a new password."
      )
    case .contactRemoved:
      (
        "Your address was removed",
        "This address no longer belongs to your account at Sarai. If that was not you, sign in and"
          + " change your password."
      )
    case .passwordChanged:
      (
        "Your password was changed",
        "The password of your account at Sarai was changed. If that was not you, set a new one now."
      )
    case .lockedOut:
      (
        "Sign-in is locked for a while",
        "There were many wrong tries to sign in to your account at Sarai. Sign-in is locked for a"
          + " short time. If it was not you, your password still protects the account."
      )
    case .theftDetected:
      (
        "A device was signed out",
        "A key of one of your devices was used twice, so that device was signed out. If you do not"
          + " know why, change your password."
      )
    case .invitation(let organisation, let id, let token):
      (
        "You are invited to \(organisation)",
        "\(organisation) invites you to join it at Sarai. Sign in and accept within 14 days with the"
          + " invitation \(id) and its token \(token). If you do not know why, decline or do nothing."
      )
    }
  }

  private static func urdu(_ content: Content) -> (String, String) {
    switch content {
    case .verification(let code):
      (
        "آپ کا سرائے کوڈ",
        "سرائے کے لیے آپ کا کوڈ \(code) ہے۔ یہ 10 منٹ تک کام کرے گا۔ کسی کو نہ بتائیں۔"
      )
    case .reset(let code):
      (
        "سرائے کا نیا پاس ورڈ",
        "نیا پاس ورڈ بنانے کا کوڈ \(code) ہے۔ یہ 15 منٹ تک کام کرے گا۔ اگر آپ نے نہیں مانگا تو کچھ نہ کریں۔"
      )
    case .contactTaken:
      (
        "سرائے پر آپ کا پتہ",
        "کسی نے یہ پتہ سرائے کو اپنا بتایا۔ یہ آپ کے اکاؤنٹ کا ہے اور کچھ نہیں بدلا۔ اگر یہ آپ تھے تو سائن اِن کریں یا نیا پاس ورڈ بنائیں۔"
      )
    case .contactRemoved:
      (
        "آپ کا پتہ ہٹا دیا گیا",
        "یہ پتہ اب سرائے پر آپ کے اکاؤنٹ کا نہیں رہا۔ اگر یہ آپ نے نہیں کیا تو سائن اِن کر کے پاس ورڈ بدلیں۔"
      )
    case .passwordChanged:
      (
        "آپ کا پاس ورڈ بدل گیا",
        "سرائے پر آپ کے اکاؤنٹ کا پاس ورڈ بدل دیا گیا۔ اگر یہ آپ نے نہیں کیا تو ابھی نیا بنائیں۔"
      )
    case .lockedOut:
      (
        "سائن اِن کچھ دیر کے لیے بند ہے",
        "آپ کے اکاؤنٹ میں سائن اِن کی کئی غلط کوششیں ہوئیں۔ سائن اِن تھوڑی دیر کے لیے بند ہے۔"
      )
    case .theftDetected:
      (
        "ایک آلہ سائن آؤٹ کر دیا گیا",
        "آپ کے ایک آلے کی کلید دو بار استعمال ہوئی، اس لیے اسے سائن آؤٹ کر دیا گیا۔ اگر وجہ معلوم نہیں تو پاس ورڈ بدلیں۔"
      )
    case .invitation(let organisation, let id, let token):
      (
        "آپ کو \(organisation) میں بلایا گیا ہے",
        "\(organisation) آپ کو سرائے پر شامل ہونے کی دعوت دیتا ہے۔ 14 دن میں سائن اِن کر کے قبول کریں: دعوت \(id)، ٹوکن \(token)"
      )
    }
  }

  private static func chinese(_ content: Content) -> (String, String) {
    switch content {
    case .verification(let code):
      ("您的 Sarai 验证码", "您的 Sarai 验证码是 \(code)，10 分钟内有效。请勿告诉任何人。")
    case .reset(let code):
      ("重设 Sarai 密码", "您的密码重设验证码是 \(code)，15 分钟内有效。如非本人操作，请忽略。")
    case .contactTaken:
      ("您在 Sarai 的联系方式", "有人把此联系方式作为自己的提交给 Sarai。它属于您的账户，没有任何改变。如果是您本人，请登录或重设密码。")
    case .contactRemoved:
      ("您的联系方式已移除", "此联系方式不再属于您的 Sarai 账户。如非本人操作，请登录并修改密码。")
    case .passwordChanged:
      ("您的密码已更改", "您的 Sarai 账户密码已更改。如非本人操作，请立即重设密码。")
    case .lockedOut:
      ("登录暂时锁定", "您的 Sarai 账户多次登录失败，登录已暂时锁定。如非本人操作，您的密码仍在保护账户。")
    case .theftDetected:
      ("一台设备已退出登录", "您的一台设备的密钥被使用了两次，该设备已退出登录。如果不清楚原因，请修改密码。")
    case .invitation(let organisation, let id, let token):
      ("\(organisation) 邀请您加入", "\(organisation) 邀请您在 Sarai 加入。请在 14 天内登录并接受：邀请 \(id)，令牌 \(token)。")
    }
  }
}

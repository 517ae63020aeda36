"""Lets identity and payments handle every secret that they know of, also badly, and looks for it in what they tell.

Both run as users run them, at log level debug, with every trace sent. Their answers' secrets come from a person's
whole way in; the requests' by the contract: each field that it marks sensitive bears a mark, in every method, in the
right type and in a wrong one.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets as chance
import struct
import subprocess
import sys
import tempfile
import time

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from collector import Collector
from service import Service

I, P = "sarai.identity.v1.", "sarai.payments.v1."
OPERATOR, SELLER = "01920000-0000-7000-8000-000000000065", "01920000-0000-7000-8000-000000000067"
DEMO_PASSWORD, DEMO_FACTOR = "caravan at the gate", "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"

known = {}  # A secret, and what it is.
calls = {"identity": 0, "payments": 0}


def new_id():
    """A UUIDv7."""
    value = int(time.time() * 1000) << 80 | 7 << 76 | chance.randbits(12) << 64 | 2 << 62 | chance.randbits(62)
    text = f"{value:032x}"
    return "-".join([text[:8], text[8:12], text[12:16], text[16:20], text[20:]])


def keep(what, secret):
    """From now on looked for; short ones would be found by chance."""
    assert len(secret) >= 6, what
    known[secret] = what
    return secret


def totp(secret, step=0):
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30 + step), "sha1")
    offset = digest[19] & 15
    return keep("a one-time code", f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7fffffff) % 10**6:06d}")


def need(answer, *path):
    """What stands there in the answer, of a step that must work."""
    value = answer
    for name in path:
        if name not in value:
            raise SystemExit(f"no {'.'.join(path)} in {answer}")
        value = value[name]
    return value


class House:
    """The two services, and who calls them."""

    def __init__(self, build):
        self.collector = Collector()
        telling = ["--log-level", "debug", "--demo", "--trace-share", "1000",
                   "--traces", f"http://127.0.0.1:{self.collector.port}"]
        self.identity = Service(f"{build}/identity", *telling)
        self.payments = Service(f"{build}/payments", *telling, "--identity", self.identity.address,
                                "--beneficiary-cooling", "0s")

    def call(self, method, message, token=None, **headers):
        name = "identity" if method.startswith(I) else "payments"
        calls[name] += 1
        if token:
            headers["authorization"] = f"Bearer {token}"
        service = getattr(self, name)
        return service.call(method, message, **headers)

    def told(self):
        """Everything that left the services beside their answers."""
        deadline = time.monotonic() + 5
        spans = []
        while time.monotonic() < deadline and not self.collector.batches.empty():
            spans.append(str(self.collector.batches.get()))
            time.sleep(0.05)
        texts = {"identity's log": self.identity.log(), "payments's log": self.payments.log(),
                 "the traces": "\n".join(spans)}
        for service, name in (self.identity, "identity"), (self.payments, "payments"):
            texts[f"{name}'s metrics"] = "\n".join(service.metrics())
            with open(f"/proc/{service.process.pid}/cmdline", encoding="utf-8") as line:
                texts[f"{name}'s command line"] = line.read()
        return texts

    def stop(self):
        codes = [self.payments.stop(), self.identity.stop()]
        self.collector.stop()
        return codes


def code_of(house, address):
    """The code that was sent there."""
    entries = need(house.call(I + "AccountService/ListMailbox", {"contactAddress": address}), "entries")
    return keep("a contact code", re.search(r"\b\d{6}\b", entries[0]["text"])[0])


def tokens_of(answer):
    tokens = answer.get("tokens", answer)
    keep("a refresh token", need(tokens, "refreshToken"))
    return keep("an access token", need(tokens, "accessToken")), tokens["refreshToken"]


def first_steps(house):
    """A person's way in, with what goes wrong on it."""
    address = keep("a contact", f"{chance.token_hex(8)}@example.pk")
    password = keep("a password", f"seven camels {chance.token_hex(8)}")
    wrong = keep("a wrong password", f"eight camels {chance.token_hex(8)}")
    name = keep("a name", f"Noor {chance.token_hex(6)}")
    short = keep("a refused password", chance.token_hex(4))
    register = {"id": new_id(), "displayName": name, "contactAddress": address, "password": short}
    house.call(I + "AccountService/Register", register)
    pending = need(house.call(I + "AccountService/Register", {**register, "password": password}), "verificationId")
    house.call(I + "AccountService/Register", {**register, "password": wrong})
    code = code_of(house, address)
    wrong_code = keep("a wrong code", f"{(int(code) + 1) % 10**6:06d}")
    house.call(I + "AccountService/VerifyContact", {"verificationId": pending, "code": wrong_code})
    need(house.call(I + "AccountService/VerifyContact", {"verificationId": pending, "code": code}), "id")
    sign_in = I + "SessionService/SignIn"
    house.call(sign_in, {"id": new_id(), "contactAddress": address, "password": wrong})
    time.sleep(1.1)  # The lockout's first wait.
    token, refresh = tokens_of(
        house.call(sign_in, {"id": new_id(), "contactAddress": address, "password": password}))
    factor = new_id()
    begun = house.call(I + "AuthenticatorService/BeginTotp", {"id": factor, "label": "phone"}, token)
    secret = keep("a second factor", need(begun, "secret"))
    keep("a factor's address", need(begun, "uri"))
    confirmed = house.call(
        I + "AuthenticatorService/ConfirmTotp", {"id": factor, "code": totp(secret)}, token)
    for recovery in need(confirmed, "recoveryCodes"):
        keep("a recovery code", recovery)
    token, newer = tokens_of(house.call(
        I + "SessionService/Refresh", {"id": new_id(), "refreshToken": refresh}))
    stepped = house.call(I + "SessionService/StepUp",
                         {"kind": "AUTHENTICATOR_KIND_TOTP", "code": totp(secret, 1)}, token)
    token = keep("an access token", need(stepped, "accessToken"))
    organisation = new_id()
    house.call(I + "OrganisationService/CreateOrganisation", {
        "id": organisation, "organisation": {
            "kind": "ORGANISATION_KIND_COMPANY", "name": {"en": "Noor Sports"}, "timeZone": "Asia/Karachi"}}, token)
    # Used a second time, it is a thief's: the family ends.
    house.call(I + "SessionService/Refresh", {"id": new_id(), "refreshToken": refresh})
    house.call(I + "SessionService/Refresh", {"id": new_id(), "refreshToken": newer})
    house.call(I + "AccountService/GetMe", {}, token)
    house.call(I + "AccountService/StartPasswordReset", {"id": new_id(), "contactAddress": address})


def demo_token(house, mailbox, organisation, factor):
    """The token of one of the demo's people, stepped up where they have a factor."""
    number = new_id()
    outcome = house.call(I + "SessionService/SignIn", {
        "id": number, "contactAddress": f"{mailbox}@demo.sarai.example", "password": DEMO_PASSWORD})
    if factor:
        keep("a continuation token", need(outcome, "continuationToken"))
        outcome = house.call(I + "SessionService/CompleteSignIn", {
            "id": number, "continuationToken": outcome["continuationToken"],
            "kind": "AUTHENTICATOR_KIND_TOTP", "code": totp(DEMO_FACTOR)})
    _, refresh = tokens_of(outcome)
    token, _ = tokens_of(house.call(I + "SessionService/Refresh", {
        "id": new_id(), "refreshToken": refresh, "organisationId": organisation}))
    if factor:
        stepped = house.call(I + "SessionService/StepUp", {
            "kind": "AUTHENTICATOR_KIND_TOTP", "code": totp(DEMO_FACTOR, 1)}, token)
        token = keep("an access token", need(stepped, "accessToken"))
    return token


def money(house, finance, seller):
    """A provider's secret, an account to pay to, a program's key."""
    account, provider = new_id(), new_id()
    house.call(P + "LedgerService/CreateAccounts", {"accounts": [{
        "id": account, "currencyCode": "PKR", "purpose": "ACCOUNT_PURPOSE_PROVIDER",
        "balanceRule": "BALANCE_RULE_FREE"}]}, finance)
    need(house.call(P + "ProviderService/CreateProvider", {"id": provider, "provider": {
        "providerCode": "easy-sim", "name": {"en": "Simulator"}, "kind": "PROVIDER_KIND_SIMULATOR",
        "directions": ["PROVIDER_DIRECTION_MONEY_IN", "PROVIDER_DIRECTION_MONEY_OUT"], "currencyCodes": ["PKR"],
        # Nobody is there: failures tell much.
        "baseUrl": "http://127.0.0.1:9", "enabled": True, "requestTimeout": "5s", "accountId": account}},
        finance), "id")
    secret = chance.token_hex(20).encode()
    keep("a provider's secret", secret.decode())
    house.call(P + "ProviderService/SetProviderSecret", {
        "id": provider, "secret": keep("a provider's secret", base64.b64encode(secret).decode())}, finance)
    iban = "SCBL" + "".join(chance.choice("0123456789") for _ in range(16))
    check = 98 - int("".join(str(int(letter, 36)) for letter in iban + "PK00")) % 97
    iban = keep("an account's number", f"PK{check:02d}{iban}")
    beneficiary = {"label": "Our bank", "kind": "DESTINATION_KIND_BANK_ACCOUNT",
                   "holderName": keep("a holder", f"Ali {chance.token_hex(6)}"), "iban": iban,
                   "providerCode": "easy-sim", "currencyCode": "PKR"}
    house.call(P + "PayoutService/CreateBeneficiary", {
        "id": new_id(), "organisationId": SELLER, "beneficiary": beneficiary}, seller)
    house.call(P + "PayoutService/CreateBeneficiary", {
        "id": new_id(), "organisationId": SELLER,
        "beneficiary": {**beneficiary, "iban": keep("a wrong number", iban[:-1] + str((int(iban[-1]) + 1) % 10))}},
        seller)
    wallet = new_id()
    house.call(P + "WalletService/OpenWallet", {
        "id": wallet, "organisationId": SELLER, "phone": {"e164": "+923001234599"}, "currencyCode": "PKR"}, seller)
    house.call(P + "WalletService/TopUpWallet", {
        "id": new_id(), "walletId": wallet, "providerCode": "easy-sim",
        "instrumentToken": keep("an instrument", f"tok_{chance.token_hex(8)}"),
        "amount": {"minorUnits": "100", "currencyCode": "PKR"}}, seller)
    body = json.dumps({"paymentId": new_id(), "amount": 5}).encode()
    now = int(time.time())
    signature = hmac.new(secret, f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    keep("a signature", signature)
    house.call(P + "ProviderService/ReceiveCallback", {
        "providerCode": "easy-sim", "body": base64.b64encode(body).decode()},
        x_sarai_timestamp=str(now), x_sarai_signature=signature)
    made = house.call(I + "CredentialService/CreateApiKey", {
        "id": new_id(), "organisationId": SELLER, "label": "shop", "permissions": ["catalog.stock.read"]}, seller)
    if "secret" in made:
        key = keep("an API key", made["secret"])
        house.call(P + "LedgerService/ListCurrencies", {}, key)
        house.call(I + "OrganisationService/GetOrganisation", {"id": SELLER}, key)
        house.call(I + "OrganisationService/GetOrganisation", {"id": SELLER}, keep("a false key", key[:-2] + "zz"))
    return "secret" in made


class Contract:
    """The methods of a package, and which fields of their requests are sensitive."""

    def __init__(self):
        with tempfile.NamedTemporaryFile() as file:
            sources = [f"Proto/sarai/{name}/v1/{name}.proto" for name in ("identity", "payments")]
            subprocess.run(["protoc", "-IProto", "-I/usr/include", "--include_imports",
                            f"--descriptor_set_out={file.name}", *sources], check=True)
            files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
        self.pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            self.pool.Add(file)
        self.sources = [source.removeprefix("Proto/") for source in sources]
        self.mark = self.pool.FindExtensionByName("sarai.options.v1.sensitive")
        self.options = message_factory.GetMessageClass(
            self.pool.FindMessageTypeByName("google.protobuf.FieldOptions"))

    def is_sensitive(self, field):
        options = self.options.FromString(field.GetOptions().SerializeToString())
        return options.Extensions[self.mark]

    def methods(self):
        for source in self.sources:
            for service in self.pool.FindFileByName(source).services_by_name.values():
                for method in service.methods:
                    if not method.client_streaming:
                        yield f"{service.full_name}/{method.name}", method.input_type

    def marked(self, message, fill, depth=4):
        """A request whose sensitive fields bear marks; nil without any."""
        request = {}
        for field in message.fields:
            if field.message_type and depth and not field.message_type.GetOptions().map_entry:
                inner = self.marked(field.message_type, fill, depth - 1)
                if inner:
                    request[field.json_name] = [inner] if field.is_repeated else inner
            elif self.is_sensitive(field) and field.type in (field.TYPE_STRING, field.TYPE_BYTES):
                value = fill(field)
                request[field.json_name] = [value] if field.is_repeated else value
        return request


def in_its_type(field):
    mark = keep(f"the field {field.full_name}", chance.token_hex(12))
    return base64.b64encode(mark.encode()).decode() if field.type == field.TYPE_BYTES else mark


def in_a_wrong_type(field):
    return {keep(f"the field {field.full_name}, in a wrong type", chance.token_hex(12)): 1}


def in_bad_shape(field):
    return keep(f"the field {field.full_name}, with what no field may bear", chance.token_hex(12)) + "\x00\u202e\n"


def by_the_contract(house, tokens):
    """Calls every method with marks in its sensitive fields; gives how many have such."""
    contract, count = Contract(), 0
    for method, message in contract.methods():
        if not contract.marked(message, lambda field: "x"):
            continue
        count += 1
        for fill in in_its_type, in_a_wrong_type, in_bad_shape:
            for token in tokens:
                request = contract.marked(message, fill)
                if any(field.name == "id" for field in message.fields):
                    request["id"] = new_id()
                house.call(method, request, token)
        false = keep("a false token", chance.token_urlsafe(40))
        house.call(method, {}, false)
    return count


def main(build):
    house = House(build)
    first_steps(house)
    finance = demo_token(house, "finance", OPERATOR, True)
    seller = demo_token(house, "seller", SELLER, False)
    has_key = money(house, finance, seller)
    methods = by_the_contract(house, [None, finance, seller])
    time.sleep(6)  # The trace exporter's interval.
    told = house.told()
    passed, failed = 0, 0

    def check(what, holds):
        nonlocal passed, failed
        passed, failed = passed + holds, failed + (not holds)
        print(f"{'passed' if holds else 'failed'}: {what}")

    check(f"{methods} methods have sensitive fields", methods >= 30)
    check("a program's key was made", has_key)
    for name, count in calls.items():
        lines = told[f"{name}'s log"].count(f"method=/sarai.{name}.v1.")
        check(f"{name}'s log tells of every call ({count}, {lines} lines)", lines >= count)
    check("traces came", "sarai.identity.v1" in told["the traces"])
    for name, text in told.items():
        # A code of six digits would be found in longer numbers by chance.
        found = sorted({what for secret, what in known.items()
                        if re.search(rf"(?<!\d){re.escape(secret)}(?!\d)", text)})
        check(f"none of {len(known)} secrets in {name} ({len(text)} characters): {', '.join(found)}", not found)
    codes = house.stop()
    check(f"both end in order, with {codes}", codes == [0, 0])
    if codes != [0, 0]:
        print(house.payments.log()[-2000:], house.identity.log()[-2000:])
    print(f"{passed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)


main(sys.argv[1])

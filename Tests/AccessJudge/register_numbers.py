"""Has identity and payments judge numbers of cards and accounts beside python-stdnum, and tell of the
currencies that iso4217 lists. Nothing is stored: every request lacks something else, too."""

import argparse
import random
import string
import sys

import iso4217
from stdnum import iban, numdb
from stdnum.pk import cnic

sys.path.insert(0, "Tests/Watching")
from service import Service  # noqa: E402

I, P = "sarai.identity.v1.", "sarai.payments.v1."
SELLER = "01920000-0000-7000-8000-000000000067"
ID = "0192f5d4-7c1e-7a3b-9f00-0000000000a1"


class Judge:
    def __init__(self, build, seed, count):
        self.random = random.Random(seed)
        self.count = count
        self.passed = self.failed = 0
        self.identity = Service(f"{build}/identity", "--demo")
        self.payments = Service(f"{build}/payments", "--demo", "--identity", self.identity.address)
        outcome = self.identity.call(I + "SessionService/SignIn", {
            "id": ID, "contactAddress": "seller@demo.sarai.example", "password": "caravan at the gate"})
        answer = self.identity.call(I + "SessionService/Refresh", {
            "id": ID, "refreshToken": outcome["tokens"]["refreshToken"], "organisationId": SELLER})
        self.by = {"authorization": f"Bearer {answer['accessToken']}"}

    def expect(self, what, ours, theirs):
        if ours == theirs:
            self.passed += 1
        else:
            self.failed += 1
            print(f"failed: {what}: Sarai {ours}, the judge {theirs}")

    def near(self, number, alphabet):
        """The number with a slip of the hand, or without."""
        letters, place = list(number), self.random.randrange(len(number))
        match self.random.randrange(5):
            case 0: letters[place] = self.random.choice(alphabet)
            case 1: del letters[place]
            case 2: letters.insert(place, self.random.choice(alphabet))
            case 3 if place: letters[place - 1], letters[place] = letters[place], letters[place - 1]
        return "".join(letters)

    # Accounts of banks

    def accounts(self):
        forms = [(entry[1], entry[3]["bban"]) for entry in numdb.get("iban").prefixes]
        self.expect("countries", len(forms) > 80, True)
        taken = 0
        for number in range(self.count):
            country, form = forms[number % len(forms)]
            number = self.account(country, form)
            if self.random.random() < .5:
                number = self.near(number, string.ascii_uppercase + string.digits)
            theirs = iban.is_valid(number, check_country=False)
            ours = self.takes_account(number)
            taken += ours
            self.expect(f"IBAN {number}", ours, theirs)
        self.expect("both kinds of accounts came", self.count // 4 < taken < self.count, True)

    def account(self, country, form):
        """A right one."""
        kinds = {"n": string.digits, "a": string.ascii_uppercase, "c": string.ascii_uppercase + string.digits}
        number, count = "", ""
        for letter in form:
            if letter.isdigit():
                count += letter
            elif letter in kinds:
                number += "".join(self.random.choices(kinds[letter], k=int(count)))
                count = ""
        return country + iban.calc_check_digits(f"{country}00{number}") + number

    def takes_account(self, number):
        answer = self.payments.call(P + "PayoutService/CreateBeneficiary", {
            "id": ID, "organisationId": SELLER, "beneficiary": {
                "label": "Our bank", "kind": "DESTINATION_KIND_BANK_ACCOUNT", "holderName": "Ali Sports",
                "iban": number, "providerCode": "nobody", "currencyCode": "PKR"}}, **self.by)
        if answer["message"].startswith("no such provider"):
            return True
        assert "IBAN" in answer["message"], answer
        return False

    # Cards of people

    def cards(self):
        taken = 0
        for _ in range(self.count):
            number = "".join(self.random.choices(string.digits, k=13))
            number = self.near(number, string.digits + "-٣ ")
            # Sarai wants the digits alone, as its contract says.
            theirs = cnic.is_valid(number) and number.isascii() and number.isdigit()
            ours = self.takes_card(number)
            taken += ours
            self.expect(f"CNIC {number}", ours, theirs)
        self.expect("both kinds of cards came", self.count // 10 < taken < self.count, True)

    def takes_card(self, number):
        answer = self.identity.call(I + "VerificationService/CreateCase", {
            "id": ID, "organisationId": SELLER, "facts": {"parties": [{
                "id": ID, "role": "PARTY_ROLE_OWNER", "fullName": "Ali", "cnic": number, "nationalityCode": "PK",
                # More than the whole.
                "shareBasisPoints": 10001}]}}, **self.by)
        fields = [one["field"] for detail in answer["details"]
                  for one in detail.get("violations", [])]
        assert any(field.endswith("share_basis_points") for field in fields), answer
        return not any(field.endswith("cnic") for field in fields)

    # Currencies

    def currencies(self):
        answer = self.payments.call(P + "LedgerService/ListCurrencies", {})
        ours = {one["code"]: (one["numericCode"], one.get("exponent", 0)) for one in answer["currencies"]}
        theirs = {one.code: (one.number, one.exponent) for one in iso4217.Currency if one.exponent is not None}
        for code in sorted(ours | theirs):
            self.expect(code, ours.get(code), theirs.get(code))
        self.expect("exponents", {exponent for _, exponent in ours.values()}, {0, 2, 3, 4})

    def stop(self):
        self.payments.stop()
        self.identity.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    judge = Judge(options.build, options.seed, options.count)
    print(f"seed {options.seed}")
    judge.accounts()
    judge.cards()
    judge.currencies()
    judge.stop()
    print(f"{judge.passed} passed, {judge.failed} failed, 0 skipped")
    sys.exit(1 if judge.failed else 0)


main()

"""Compares Sarai's Cryptography and Access with Python's hashlib, hmac, cryptography, pyotp and PyJWT.

Each check draws random inputs, has the Swift side answer, and lets the other implementation judge;
or has the other implementation make something that the Swift side must take, or must refuse.
"""
import argparse
import base64
import hashlib
import hmac
import json
import random
import subprocess
import sys
import uuid

import jwt
import pyotp
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key, load_pem_public_key)

ISSUER = "https://id.sarai.example"
ROLES = ["owner", "administrator", "seller", "buyer", "warehouse", "accountant", "viewer", "officer",
         "analyst", "trainer", "moderator", "finance_operator", "platform_operator"]


class Testee:
    """The Swift side: a line in, a line out."""

    def __init__(self, path):
        self.process = subprocess.Popen(
            ["stdbuf", "-oL", path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(self, *words):
        line = " ".join("x" + word.hex() if isinstance(word, bytes) else str(word) for word in words)
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"the testee ended at: {line}")
        return answer.rstrip("\n")


class Judge:
    def __init__(self, testee, seed, count):
        self.testee = testee
        self.random = random.Random(seed)
        self.count = count
        self.passed = 0
        self.failed = 0

    def expect(self, what, is_right, shown=""):
        if is_right:
            self.passed += 1
        else:
            self.failed += 1
            if self.failed <= 20:
                print(f"failed: {what} {shown}")

    def bytes(self, most=200, least=0):
        return self.random.randbytes(self.random.randint(least, most))

    def password(self):
        letters = "abcXYZ019 !\"'$ßéاردو中文🙂"
        return "".join(self.random.choices(letters, k=self.random.randint(0, 40))).encode()

    # Digests and texts

    def digests(self):
        for _ in range(self.count):
            data, key = self.bytes(), self.bytes(100)
            ask = self.testee.ask
            self.expect("SHA-256", ask("sha256", data) == "x" + hashlib.sha256(data).hexdigest())
            for name, digest in ("hmac1", "sha1"), ("hmac256", "sha256"):
                self.expect(name, ask(name, key, data) == "x" + hmac.digest(key, data, digest).hex())
            self.expect("base64url", ask("base64url", data)[:-1]
                        == base64.urlsafe_b64encode(data).decode().rstrip("="))
            self.expect("base32", ask("base32", data)[:-1] == base64.b32encode(data).decode().rstrip("="))

    # Passwords

    def passwords(self):
        for _ in range(max(self.count // 10, 20)):
            log_n, r, p = self.random.randint(1, 8), self.random.randint(1, 8), self.random.randint(1, 3)
            self.password_hash(log_n, r, p)
        # OWASP's own, once.
        self.password_hash(17, 8, 1)

    def password_hash(self, log_n, r, p):
        password = self.password()
        text = self.testee.ask("hash", log_n, r, p, password)
        _, name, cost, salt, value = text.split("$")
        decode = lambda part: base64.b64decode(part + "=" * (-len(part) % 4))
        key = hashlib.scrypt(password, salt=decode(salt), n=2 ** log_n, r=r, p=p, dklen=32,
                             maxmem=300 << 20)
        self.expect("scrypt", (name, cost) == ("scrypt", f"ln={log_n},r={r},p={p}"), text)
        self.expect("scrypt", key == decode(value), text)
        if log_n > 8:
            return
        # And one that hashlib made.
        salt = self.random.randbytes(16)
        key = hashlib.scrypt(password, salt=salt, n=2 ** log_n, r=r, p=p, dklen=32)
        encode = lambda part: base64.b64encode(part).decode().rstrip("=")
        text = f"$scrypt$ln={log_n},r={r},p={p}${encode(salt)}${encode(key)}"
        self.expect("accepts", self.testee.ask("accepts", text, password) == "true", text)
        self.expect("refuses", self.testee.ask("accepts", text, password + b"x") == "false", text)

    # Signatures and seals

    def signatures(self):
        for _ in range(self.count):
            seed, message = self.random.randbytes(32), self.bytes(500)
            key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
            public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            theirs = key.sign(message)
            answer = self.testee.ask("sign", seed, message)
            self.expect("Ed25519", answer == f"x{public.hex()} x{theirs.hex()}")
            changed = bytearray(theirs)
            changed[self.random.randrange(64)] ^= 1 << self.random.randrange(8)
            for signature in theirs, bytes(changed):
                try:
                    key.public_key().verify(signature, message)
                    verdict = "true"
                except InvalidSignature:
                    verdict = "false"
                self.expect("verify", self.testee.ask("verify", public, message, signature) == verdict)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        private, public_pem = (bytes.fromhex(word[1:]) for word in self.testee.ask("pem", seed, pem).split())
        self.expect("PEM", private == pem and load_pem_private_key(private, None).private_bytes_raw() == seed)
        self.expect("PEM", load_pem_public_key(public_pem).public_bytes_raw() == public)

    def seals(self):
        for _ in range(self.count):
            key, place, plain = self.random.randbytes(32), self.bytes(60), self.bytes(300)
            sealed = bytes.fromhex(self.testee.ask("seal", key, place, plain)[1:])
            try:
                self.expect("seal", AESGCM(key).decrypt(sealed[:12], sealed[12:], place) == plain)
            except InvalidTag:
                self.expect("seal", False)
            nonce = self.random.randbytes(12)
            sealed = nonce + AESGCM(key).encrypt(nonce, plain, place)
            self.expect("open", self.testee.ask("open", key, place, sealed) == "x" + plain.hex())
            self.expect("open elsewhere", self.testee.ask("open", key, place + b"1", sealed).startswith("refused"))

    # Codes

    def codes(self):
        for _ in range(self.count):
            secret, now = self.random.randbytes(self.random.choice([16, 20, 32])), self.random.randrange(1 << 33)
            totp = pyotp.TOTP(base64.b32encode(secret).decode())
            self.expect("code", self.testee.ask("code", secret, now) == totp.at(now))
            for step in range(-3, 4):
                code = totp.at(max(0, now + 30 * step))
                taken = self.testee.ask("step", secret, now, code) != "none"
                self.expect("window", taken == totp.verify(code, for_time=now, valid_window=1), f"{step}")
        uri = self.testee.ask("uri", secret, "Sarai Demo".encode(), "ali@example.pk".encode())
        parsed = pyotp.parse_uri(uri)
        self.expect("uri", (parsed.issuer, parsed.name) == ("Sarai Demo", "ali@example.pk"), uri)
        self.expect("uri", parsed.at(now) == totp.at(now), uri)

    # Tokens

    def tokens(self):
        for _ in range(self.count):
            self.token()

    def token(self):
        seed, now = self.random.randbytes(32), self.random.randrange(1 << 30, 1 << 33)
        key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
        x = base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).decode().rstrip("=")
        kid, sub, sid, org = (str(uuid.UUID(bytes=self.random.randbytes(16))) for _ in range(4))
        roles = self.random.sample(ROLES, self.random.randint(1, 4))
        jwk = jwt.PyJWK({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": "EdDSA", "use": "sig"})

        ours = self.testee.ask("token", seed, kid, now, sub, sid, org, ",".join(roles))
        header = jwt.get_unverified_header(ours)
        self.expect("header", header == {"alg": "EdDSA", "kid": kid, "typ": "at+jwt"}, header)
        claims = jwt.decode(ours, jwk.key, algorithms=["EdDSA"], audience="sarai", issuer=ISSUER,
                            options={"verify_exp": False, "verify_nbf": False, "verify_iat": False,
                                     "require": ["iss", "aud", "sub", "exp", "nbf", "iat", "jti"]})
        right = {"sub": sub, "sid": sid, "org": org, "iat": now, "nbf": now, "exp": now + 600,
                 "auth_time": now, "acr": "mfa", "client_id": "sarai"}
        self.expect("claims", all(claims[name] == value for name, value in right.items()), claims)
        self.expect("roles", sorted(claims["roles"]) == sorted(roles), claims)

        def read(token, at=now):
            return self.testee.ask("read", x, kid, at, token)

        def encode(changes=None, signer=key, algorithm="EdDSA", **headers):
            body = {**claims, **(changes or {})}
            body = {name: value for name, value in body.items() if value is not None}
            return jwt.encode(body, signer, algorithm, {"kid": kid, "typ": "at+jwt", **headers})

        self.expect("theirs", read(encode()) == f"ok {sub} {org} {','.join(sorted(roles))}", read(encode()))
        self.expect("in time", read(ours, now + 600).startswith("ok"))
        other = ed25519.Ed25519PrivateKey.generate()
        public_pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        unsigned = encode().rsplit(".", 1)[0]
        raw = key.public_key().public_bytes_raw()
        hs256 = ".".join([
            base64.urlsafe_b64encode(json.dumps(
                {"alg": "HS256", "kid": kid, "typ": "at+jwt"}, separators=(",", ":")).encode()).decode().rstrip("="),
            unsigned.split(".")[1]])
        forged = {
            "none": encode(signer=None, algorithm="none"),
            "no signature": unsigned + ".",
            "two parts": unsigned,
            "wrong key": encode(signer=other),
            "HS256 with the public key": hs256 + "." + base64.urlsafe_b64encode(
                hmac.digest(raw, hs256.encode(), "sha256")).decode().rstrip("="),
            "HS256 with the public key's PEM": hs256 + "." + base64.urlsafe_b64encode(
                hmac.digest(public_pem, hs256.encode(), "sha256")).decode().rstrip("="),
            "ES256": encode(signer=ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"),
            "another's name": encode(kid=str(uuid.uuid4())),
            "ID token": encode(typ="JWT"),
            "critical": encode(crit=["exp"]),
            "own key inside": encode(jwk={"kty": "OKP", "crv": "Ed25519", "x": x}),
            "expired": encode({"iat": now - 700, "nbf": now - 700, "exp": now - 100}),
            "early": encode({"iat": now + 60, "nbf": now + 60, "exp": now + 660}),
            "for ever": encode({"exp": now + 10 ** 8}),
            "never ends": encode({"exp": None}),
            "foreign issuer": encode({"iss": "https://id.sarai.example.evil"}),
            "foreign audience": encode({"aud": "bank"}),
            "many audiences": encode({"aud": ["sarai", "bank"]}),
            "no subject": encode({"sub": None}),
            "no session": encode({"sid": None}),
            "fraction": encode({"exp": now + 600.5}),
            "roles of nobody": encode({"org": None}),
            "padded": ours + "=",
            "with a space": ours.replace(".", ". ", 1).replace(" ", "%20"),
            "changed claims": ".".join([ours.split(".")[0], encode({"roles": ["platform_operator"]}).split(".")[1],
                                        ours.split(".")[2]]) if roles != ["platform_operator"] else "x",
            "empty": "",
        }
        for name, token in forged.items():
            answer = read(token)
            self.expect(f"forged, {name}:", answer.startswith("refused"), answer)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--testee", required=True)
    arguments.add_argument("--count", type=int, default=300)
    arguments.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = arguments.parse_args()
    print(f"seed {options.seed}")
    judge = Judge(Testee(options.testee), options.seed, options.count)
    for check in judge.digests, judge.passwords, judge.signatures, judge.seals, judge.codes, judge.tokens:
        check()
        print(f"{check.__name__}: {judge.passed} right so far, {judge.failed} wrong")
    print(f"{judge.passed} passed, {judge.failed} failed, 0 skipped")
    sys.exit(judge.failed > 0)


if __name__ == "__main__":
    main()

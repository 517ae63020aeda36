"""Compares HTTP1's verdicts with those of h11, another strict parser, on random requests.

What HTTP1 accepts, h11 must accept and read as the same requests. The other way round HTTP1 may
refuse more, for the reasons in STRICTER alone: anything else that h11 accepts must be accepted.
"""
import argparse
import collections
import random
import subprocess
import sys

import h11

# What h11 lets pass and HTTP1 refuses on purpose: a test of the input, and why.
STRICTER = {
    "bare line feed": lambda text: b"\n" in text.replace(b"\r\n", b""),
    "control character in a value": lambda text: b"\x7f" in text or b"\x1b" in text,
    "carriage return alone": lambda text: b"\r" in text.replace(b"\r\n", b""),
    "folded field": lambda text: b"\r\n " in text or b"\r\n\t" in text,
    "several empty lines in front": lambda text: b"\r\n\r\n\r\n" in text or text.startswith(b"\r\n\r\n"),
    "equal content lengths": lambda text: text.lower().count(b"content-length") > 1 or b"5, 5" in text,
    "zeros in front of a content length": lambda text: b": 005" in text,
    "both framings": lambda text: b"ransfer-encoding" in text.lower() and b"content-length" in text.lower(),
    "chunk size of more than 8 digits, or blanks behind it": lambda text: b"000000005" in text or b"5 \r\n" in text,
    "target out of form, or with half an escape": lambda text: any(
        word in text for word in (b"%zz", b"/#", b" a HTTP", b" * HTTP", b"http://", b'/"', b"CONNECT")),
    "host out of form": lambda text: any(word in text for word in (b"a, b", b"u@a", b":99999", b": \r\n", b"Host:\r\n")),
    "version other than 1.0 and 1.1": lambda text: b"HTTP/1.2" in text or b"HTTP/0.9" in text or b"HTTP/2.0" in text,
    "unknown expectation": lambda text: b"Expect: x" in text,
    "method longer than 15 bytes": lambda text: b"ABCDEFGHIJKLMNOP" in text,
    "transfer encoding in HTTP/1.0": lambda text: b"HTTP/1.0" in text and b"ransfer-encoding" in text.lower(),
    "two transfer encodings": lambda text: text.lower().count(b"transfer-encoding") > 1,
}

# What h11 does not accept, reads otherwise or does not read at all, and why HTTP1 is right.
OTHER = {
    # h11 gives it as sent; who asks for a path should get one.
    "absolute target, given as a path": lambda text: b"http://" in text,
    # RFC 9112, section 2.2, wants one to be passed over.
    "empty line in front": lambda text: text.startswith(b"\r\n") or b"\r\n\r\n\r\n" in text or b"hello\r\n" in text,
    # h11 never keeps such a connection, RFC 9112, section 9.3, does.
    "keep-alive in HTTP/1.0": lambda text: b"HTTP/1.0" in text and b"keep-alive" in text,
}


def pick(source, common, rare, odds=0.06):
    return source.choice(rare) if source.random() < odds else source.choice(common)


def request(source):
    method = pick(source, [b"GET", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH"],
                  [b"", b"G T", b"G@T", b"x-y", b"ABCDEFGHIJKLMNOP", b"CONNECT"], 0.02)
    target = pick(source, [b"/", b"/a/b?c=d", b"/%20", b"/a;b=c,d", b"/~x?q=[1]&r={2}"],
                  [b"", b"a", b"*", b"/a b", b"/%zz", b"/#f", b'/"', b"http://a/x", b"http://b/x", b"/\x00", b"/\xe9"])
    version = pick(source, [b"HTTP/1.1"] * 6 + [b"HTTP/1.0"],
                   [b"http/1.1", b"HTTP/1.2", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/1.1 ", b"HTTP/1.", b""], 0.02)
    end = lambda: pick(source, [b"\r\n"], [b"\n", b"\r", b"\r\r\n"], 0.003)
    lines = [method + b" " + target + b" " + version]
    fields = [pick(source, [b"Host: a", b"host:a", b"HOST: \t a \t"],
                   [b"", b"Host: a, b", b"Host: u@a", b"Host: ", b"Host:", b"Host: a:99999", b"Host : a", b"Host: a\r\nHost: a"])]
    for _ in range(source.randrange(4)):
        fields.append(pick(
            source,
            [b"Accept: */*", b"X-Empty:", b"X: a  b\t", b"x: \xe9", b"Connection: keep-alive", b"A!#$%&'*+-.^_`|~1: v"],
            [b"X : a", b" X: a", b"X", b": a", b"X\x00: a", b"X: \x00", b"X: \x7f", b"X: \x1b", b"X Y: a", b"X: a\r\n b",
             b"Expect: 100-continue", b"Expect: x", b"X: a\rb", b"Y(: a"]))
    body = b""
    kind = source.randrange(5)
    if kind == 1:
        body = b"hello"
        fields.append(b"Content-Length: " + pick(
            source, [b"5"], [b"+5", b"-5", b"0x5", b"5 5", b"5, 5", b"005", b"5\r\nContent-Length: 5", b"5.0", b"", b"1_0",
                             b"18446744073709551621123", b"5\r\nTransfer-Encoding: chunked"], 0.2))
    if kind == 2:
        fields.append(b"Transfer-Encoding: " + pick(
            source, [b"chunked", b"Chunked"], [b"xchunked", b"chunked, identity", b"gzip, chunked", b"chunked, chunked",
                                               b"\x0bchunked", b"", b"chunked\r\nTransfer-Encoding: chunked"], 0.2))
        size = pick(source, [b"5", b"05", b"5;a=b"], [b"-5", b"+5", b"0x5", b"5 ", b" 5", b"", b"000000005", b"5\n", b"g", b"1_0"], 0.1)
        after = pick(source, [b"\r\n"], [b"", b"\n", b"XX"], 0.05)
        last = pick(source, [b"0\r\n\r\n", b"00;x\r\n\r\n", b"0\r\nT: u\r\n\r\n"], [b"0\r\nT : u\r\n\r\n", b"0\r\n\n"], 0.05)
        body = size + b"\r\nhello" + after + last
    source.shuffle(fields)
    lines += [field for field in fields if field]
    head = b"".join(line + end() for line in lines) + end()
    return pick(source, [b""], [b"\r\n", b"\r\n\r\n", b"\n"], 0.02) + head + body


def judge(text):
    """h11's verdict in the words of the testee."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=32768)
    words, body = [], b""
    try:
        connection.receive_data(text)
        while True:
            event = connection.next_event()
            if event in (h11.NEED_DATA, h11.PAUSED):
                return "ok", words
            if isinstance(event, h11.Request):
                # It gives this value in lower case; HTTP1 as sent.
                fields = ",".join(f"x{name.hex()}=x{value.hex()}" for name, value in event.headers)
                fields = fields.replace(b"chunked".hex(), b"Chunked".hex())
                words += ["x" + event.method.hex(), "x" + event.target.hex(), fields]
                body = b""
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                words += ["x" + body.hex(), "end"]
                if connection.our_state is not h11.SEND_RESPONSE:
                    return "ok", words
                connection.send(h11.Response(status_code=204, headers=[]))
                if connection.our_state is h11.SWITCHED_PROTOCOL:  # CONNECT
                    return "ok", words
                connection.send(h11.EndOfMessage())
                if connection.our_state is h11.MUST_CLOSE:
                    return "ok", words
                connection.start_next_cycle()
    except h11.RemoteProtocolError as error:
        return str(error.error_status_hint), words


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--testee", nargs="+", required=True)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    source = random.Random(arguments.seed)
    inputs = [b"".join(request(source) for _ in range(source.choice([1, 1, 2]))) for _ in range(arguments.count)]
    lines = subprocess.run(arguments.testee, input="".join(text.hex() + "\n" for text in inputs),
                           capture_output=True, text=True, check=True).stdout.split("\n")[:-1]
    assert len(lines) == len(inputs), "the testee did not answer each input"
    passed = failed = accepted = 0
    reasons = collections.Counter()
    for text, line in zip(inputs, lines):
        status, *words = line.replace(b"chunked".hex(), b"Chunked".hex()).split(" ")
        other_status, other_words = judge(text)
        accepted += status == "ok"
        if (status, words) == (other_status, other_words) or (status != "ok" and other_status != "ok"):
            passed += 1
            continue
        known = STRICTER | OTHER if status != "ok" else OTHER
        reason = next((name for name, applies in known.items() if applies(text)), None)
        if reason:
            reasons[reason] += 1
            passed += 1
        else:
            failed += 1
            if failed <= 10:
                print(f"differ on {text!r}\n  HTTP1: {line}\n  h11:   {other_status} {' '.join(other_words)}")
    print(f"{accepted} of {len(inputs)} accepted; known differences: {dict(reasons)}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    sys.exit(failed > 0)


main()

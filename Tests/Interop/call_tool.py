"""Runs `sarai call`, `list` and `describe` against a server of grpc.testing.TestService that has reflection."""
import argparse
import json
import subprocess
import sys

TEST = "grpc.testing.TestService"
# What is run, behind the target: the words, standard input, the exit code, and what must stand in the output.
CASES = {
    "list_services": (["list"], None, 0, [TEST]),
    "list_methods": (["list", TEST], None, 0, [f"{TEST}/UnaryCall", f"{TEST}/HalfDuplexCall"]),
    "list_unknown": (["list", "grpc.testing.TestServic"], None, 1, [f"did you mean `{TEST}`?"]),
    "describe_service": (["describe", TEST], None, 0, [
        "rpc StreamingOutputCall(grpc.testing.StreamingOutputCallRequest) returns"
        " (stream grpc.testing.StreamingOutputCallResponse);"]),
    "describe_message": (["describe", "grpc.testing.Payload"], None, 0, ["bytes body = 2;"]),
    "unary": (["call", f"{TEST}/UnaryCall", "--data", '{"responseSize": 3}'], None, 0, ['"body": "AAAA"']),
    "unary_of_nothing": (["call", f"{TEST}.EmptyCall"], None, 0, ["{}"]),
    "client_stream": (
        ["call", f"{TEST}/StreamingInputCall", "--compact"],
        '{"payload":{"body":"AAAA"}} {"payload":{"body":"AAAA"}}\n{}', 0, ['{"aggregatedPayloadSize":6}']),
    "server_stream": (
        ["call", f"{TEST}/StreamingOutputCall", "--compact", "--data",
         '{"responseParameters":[{"size":3},{"size":6}]}'],
        None, 0, ['"AAAA"', '"AAAAAAAA"']),
    "both_streams": (
        ["call", f"{TEST}/FullDuplexCall", "--compact"],
        '{"responseParameters":[{"size":3}]}{"responseParameters":[{"size":6}]}', 0, ['"AAAA"', '"AAAAAAAA"']),
    "headers": (
        ["call", f"{TEST}/UnaryCall", "-v", "-H", "x-grpc-test-echo-initial: there", "-H",
         "x-grpc-test-echo-trailing-bin: q6ur"],
        None, 0, ["< x-grpc-test-echo-initial: there", "< trailer x-grpc-test-echo-trailing-bin: q6ur"]),
    "status": (
        ["call", f"{TEST}/UnaryCall", "--data", '{"responseStatus":{"code":9,"message":"nicht \u2603"}}'],
        None, 73, ["FAILED_PRECONDITION (9): nicht \u2603"]),
    "deadline": (
        ["call", f"{TEST}/StreamingOutputCall", "--deadline", "200ms", "--data",
         '{"responseParameters":[{"size":1,"intervalUs":2000000}]}'],
        None, 68, ["DEADLINE_EXCEEDED", "--deadline gives more time"]),
    "wrong_member": (
        ["call", f"{TEST}/UnaryCall", "--data", '{\n "responseSise": 3}'], None, 1, ["line 2, column", "responseSise"]),
    "wrong_method": (["call", f"{TEST}/UnaryCal"], None, 1, ["did you mean `UnaryCall`?"]),
    "unimplemented": (["call", f"{TEST}/UnimplementedCall"], None, 76, ["UNIMPLEMENTED (12)"]),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sarai", required=True, help="the program")
    parser.add_argument("--target", required=True, help="HOST:PORT or unix:PATH")
    parser.add_argument("--ca", help="PEM file of the authority that signed the server's certificate")
    parser.add_argument("--server-name")
    parser.add_argument("--cert", help="PEM file of the client's certificate")
    parser.add_argument("--key", help="PEM file of its key")
    arguments = parser.parse_args()
    tls = []
    if arguments.ca:
        tls += ["--ca", arguments.ca]
    if arguments.cert:
        tls += ["--cert", arguments.cert, "--key", arguments.key]
    if arguments.server_name:
        tls += ["--server-name", arguments.server_name]

    failures = 0
    for name, (words, text, code, expected) in CASES.items():
        command = [arguments.sarai, words[0], arguments.target, *words[1:], *tls]
        run = subprocess.run(command, input=text or "", capture_output=True, text=True, timeout=30, check=False)
        output = run.stdout + run.stderr
        missing = [each for each in expected if each not in output]
        if run.returncode == code and not missing:
            print(f"passed {name}", flush=True)
            continue
        failures += 1
        print(f"failed {name}: {json.dumps(command)} ended with {run.returncode}, not {code};"
              f" missing {missing} in:\n{output}", flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()

"""Runs the cases against a server and prints a line for each."""
import argparse
import importlib
import sys
import traceback

import cases


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--protocol", choices=["grpc", "native"], required=True)
    parser.add_argument("--target", required=True, help="HOST:PORT")
    parser.add_argument("--ca", help="PEM file of the authority that signed the server's certificate; without, cleartext")
    parser.add_argument("--server-name", help="the name in that certificate, if it is not the host's")
    parser.add_argument("--name", default="", help="what the printed lines begin with")
    parser.add_argument("--lacks", action="append", default=[], help="a case that the server cannot serve, counted as skipped")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="by default all")
    arguments = parser.parse_args()

    client = importlib.import_module(f"{arguments.protocol}_client")
    chosen = cases.ALL + getattr(client, "CASES", [])
    if arguments.cases:
        chosen = [case for case in chosen if case.__name__ in arguments.cases]
    failures = 0
    for case in chosen:
        name = f"{arguments.name} {case.__name__}".strip()
        if case.__name__ in arguments.lacks:
            print(f"skipped {name}: the server lacks it", flush=True)
            continue
        channel = client.Channel(arguments.target, arguments.ca, arguments.server_name)
        try:
            case(channel)
        except cases.Skipped as reason:
            print(f"skipped {name}: {reason}", flush=True)
        except Exception as error:
            failures += 1
            print(f"failed {name}: {type(error).__name__} {error}", flush=True)
            if not isinstance(error, (AssertionError, client.Failed)):
                traceback.print_exc()
        else:
            print(f"passed {name}", flush=True)
        finally:
            channel.close()
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()

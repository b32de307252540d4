"""The command: starts one stand-in and ends with it."""

import argparse
import importlib
import os
import signal
import stat
import sys
import threading

from .faults import CONDITIONS, MOMENTS
from .server import Server

VENDORS = {"hubspot": "HubSpot", "salesforce": "Salesforce", "zoho": "Zoho", "fxiaoke": "Fxiaoke", "jiandaoyun": "Jiandaoyun"}


def arguments():
    parser = argparse.ArgumentParser(
        prog="tools/crm/standin", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="A server on loopback that answers as an external CRM would. Its first line of output is its address. It ends at SIGTERM, "
        "when its standard input (a pipe) closes, and after its lifetime.",
        epilog="faults: " + "\n  ".join(f"{name}: {text}" for name, text in (MOMENTS | CONDITIONS).items()))
    parser.add_argument("vendor", choices=VENDORS)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=1, help="all that is random follows from it")
    parser.add_argument("--records", type=int, default=0, help="how many records there are at first")
    parser.add_argument("--kind", default="", help="of which kind; the vendor's contacts where not given")
    parser.add_argument("--equal-stamps", action="store_true", help="all of them changed at one moment, a minute ago")
    parser.add_argument("--faults", default="", help="NAME[=ARGUMENT][/KIND][*TIMES][?PROBABILITY], divided by commas")
    parser.add_argument("--clock-offset", type=float, default=0, metavar="SECONDS", help="how wrong the server's clock is")
    parser.add_argument("--zone", type=int, default=480, metavar="MINUTES", help="the account's time zone, east of UTC")
    parser.add_argument("--id-base", type=int, default=0, help="the first id, where ids are numbers; beyond 2^53 where not given")
    parser.add_argument("--daily", type=int, default=0, help="requests in a day; the vendor's own number where not given")
    parser.add_argument("--no-limits", dest="limits", action="store_false", help="no limits of requests but those that faults make")
    parser.add_argument("--lifetime", type=float, default=600, metavar="SECONDS")
    return parser.parse_args()


def make(vendor, options):
    """The stand-in of a vendor, filled."""
    module = importlib.import_module(f"standins.{vendor}")
    standin = getattr(module, VENDORS[vendor])(options)
    if options.records:
        stamp = standin.clock.now() - 60_000 if options.equal_stamps else None
        standin.seed(options.kind or standin.first_kind, options.records, stamp)
    return standin


def watch_input(end):
    """Ends when whoever started this is gone. A terminal or file as standard input says nothing."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return

    def wait():
        while os.read(0, 4096):
            pass
        end()

    threading.Thread(target=wait, daemon=True).start()


def main():
    options = arguments()
    try:
        standin = make(options.vendor, options)
    except ValueError as error:
        print(f"tools/crm/standin: {error}", file=sys.stderr)
        return 64
    server = Server(options.port, standin)
    standin.url = f"http://127.0.0.1:{server.server_address[1]}"
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    signal.signal(signal.SIGINT, lambda *_: over.set())
    watch_input(over.set)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    print(standin.url, flush=True)
    over.wait(options.lifetime)
    server.shutdown()
    server.server_close()
    return 0

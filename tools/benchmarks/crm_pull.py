"""A first pull of many records from each stand-in, and a sync in which nothing has changed: tools/bench crm [--records N] [--vendor NAME] [--json FILE]

For each vendor: seconds from the start of `limn crm pull` to its end, processor seconds of Limn and of the stand-in meanwhile, what limits the pull, and
how many requests a sync without a change costs for each kind of records. Processor seconds are Linux's (`/proc/PID/stat`, `wait4`).

Limn reads the next page while it writes the last ones, so its seconds and the stand-in's pass at once where two processors are free; on a busy machine the
clock tells of that. A pull is limited by the vendor's pace, to which Limn keeps, where both together are busy for less than half of the time; by the stand-in where the clock
shows at most a fifth more than it was busy; and else by Limn. Ends with 1 where Limn limits a pull, or a customer is missing.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

TOOLS = pathlib.Path(__file__).resolve().parent.parent
CLIENT = {"client_id": "standin-client", "client_secret": "standin-secret"}
SECRETS = {
    "hubspot": lambda url: "pat-standin",
    "salesforce": lambda url: json.dumps(CLIENT),
    "zoho": lambda url: json.dumps(CLIENT | {"refresh_token": "standin-refresh", "accounts_url": url}),
    "fxiaoke": lambda url: json.dumps(
        {"app_id": "FSAID_standin", "app_secret": "standin-secret", "permanent_code": "standin-code", "user_id": "1000"}),
    "jiandaoyun": lambda url: "standin-key",
}
# What a mapping must name before anything can be read.
PLACES = {"jiandaoyun": ["app-id=59264073a2a60c0c08e20bfb", "customers.entry-id=59264073a2a60c0c08e20bfd"]}


class Standin:
    """A stand-in in a process of its own, and what it has done."""

    def __init__(self, vendor, records):
        command = [TOOLS / "crm" / "standin", vendor, "--no-limits", "--lifetime", "3600", "--records", str(records)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def status(self):
        with urllib.request.urlopen(f"{self.url}/_standin/status") as answer:
            return json.load(answer)

    def requests(self):
        """How many requests of each kind were answered so far."""
        return dict(self.status()["counters"])

    def advance(self, seconds):
        """Moves its clock."""
        body = json.dumps({"seconds": seconds}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/_standin/advance", body)).close()

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def run(limn, home, *arguments):
    """Runs a command of Limn; gives its document, and seconds by the clock and of the processor."""
    began = time.monotonic()
    with subprocess.Popen([limn, "--home", home, "--json", "--no-input", *arguments], stdout=subprocess.PIPE) as child:
        output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"limn {' '.join(arguments)} ended with {child.returncode}")
    return json.loads(output)["data"], time.monotonic() - began, usage.ru_utime + usage.ru_stime


def limit(figure):
    """What a pull waits for."""
    if 2 * (figure["limn"] + figure["standin"]) < figure["seconds"]:
        return "pace"
    return "stand-in" if figure["seconds"] <= 1.2 * figure["standin"] else "Limn"


def measure(limn, vendor, records, folder):
    standin = Standin(vendor, records)
    try:
        home, secret = f"{folder}/{vendor}", pathlib.Path(folder) / f"{vendor}.secret"
        secret.write_text(SECRETS[vendor](standin.url))
        secret.chmod(0o600)
        run(limn, home, "init", "--name", vendor)
        run(limn, home, "crm", "add", vendor, "--url", standin.url, "--token-file", str(secret))
        for place in PLACES.get(vendor, []):
            run(limn, home, "crm", "map", vendor, "--set", place)
        busy = standin.processor_seconds()
        _, seconds, own = run(limn, home, "crm", "pull")
        busy = standin.processor_seconds() - busy
        customers = run(limn, home, "status")[0]["customers"]
        # What became visible late is looked for once more; an hour on, nothing can be late.
        for _ in range(2):
            standin.advance(3_600)
            run(limn, home, "crm", "sync")
        before = standin.requests()
        run(limn, home, "crm", "sync")
        idle = {kind: count - before.get(kind, 0) for kind, count in standin.requests().items() if count > before.get(kind, 0)}
        figure = {"customers": customers, "seconds": seconds, "limn": own, "standin": busy, "idle": idle}
        return figure | {"limit": limit(figure)}
    finally:
        standin.end()


def main():
    parser = argparse.ArgumentParser(prog="tools/bench crm", description=__doc__.splitlines()[0])
    parser.add_argument("limn", help=argparse.SUPPRESS)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--vendor", choices=SECRETS, action="append")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    figures, missed = {}, False
    print(f"{options.records} records; seconds\n{'':12}{'pull':>9}{'Limn, CPU':>11}{'stand-in':>10}  {'limited by':12}a sync without a change")
    with tempfile.TemporaryDirectory() as folder:
        for vendor in options.vendor or SECRETS:
            figure = figures[vendor] = measure(options.limn, vendor, options.records, folder)
            missed |= figure["customers"] < options.records or figure["limit"] == "Limn"
            idle = ", ".join(f"{kind} {count}" for kind, count in figure["idle"].items())
            print(f"{vendor:12}{figure['seconds']:9.2f}{figure['limn']:11.2f}{figure['standin']:10.2f}  {figure['limit']:12}{idle}", flush=True)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(figures, indent=2) + "\n")
    return 1 if missed else 0


sys.exit(main())

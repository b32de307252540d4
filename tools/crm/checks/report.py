"""One line for each check, and plain HTTP for what no client covers."""

import json
import os
import pathlib
import subprocess
import sys
import urllib.error
import urllib.request

STANDIN = pathlib.Path(__file__).resolve().parent.parent / "standin"


class Report:
    """The checks of one vendor."""

    def __init__(self, vendor):
        self.vendor, self.failed = vendor, 0

    def check(self, text, passed, detail=""):
        self.failed += not passed
        print(f"{'ok  ' if passed else 'FAIL'} {self.vendor}: {text}" + (f": {detail}" if detail and not passed else ""), flush=True)

    def raises(self, text, action, test=lambda error: True):
        """Whether an action fails, and as it should."""
        try:
            action()
        except Exception as error:  # noqa: BLE001 - the clients have many kinds
            self.check(text, test(error), f"{type(error).__name__} {error}")
        else:
            self.check(text, False, "nothing was raised")

    def skip(self, text, why):
        print(f"skip {self.vendor}: {text}: {why}", flush=True)


class Running:
    """A stand-in as a program of its own; ends with its standard input."""

    def __init__(self, vendor, *options):
        self._process = subprocess.Popen([str(STANDIN), vendor, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self._process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(10)

    def admin(self, name, /, **body):
        status, _, answer = http("POST", f"{self.url}/_standin/{name}", body)
        assert status == 200, answer
        return answer

    def status(self):
        return http("GET", f"{self.url}/_standin/status")[2]


def http(method, url, body=None, headers=None):
    """Sends JSON, or bytes as they are: (status, headers, body as JSON where it is)."""
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"} | (headers or {}), method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            status, told, content = answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        status, told, content = error.code, error.headers, error.read()
    try:
        return status, told, json.loads(content)
    except ValueError:
        return status, told, content


def specifications():
    """The folder of the vendors' OpenAPI documents, or None."""
    folder = os.environ.get("LIMN_CRM_SPECS") or (os.path.join(os.environ["LIMN_DATASETS"], "..", "crm", "specs") if "LIMN_DATASETS" in os.environ else "")
    return pathlib.Path(folder) if folder and os.path.isdir(folder) else None


def finish(report):
    sys.exit(1 if report.failed else 0)

"""The stand-ins' own rules: clock, faults, limits, lag, merges, the command."""

import http.client
import json
import pathlib
import signal
import subprocess
import sys
import threading
import time
import types
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(FOLDER))

from standins import clock, command, conditions, faults, limits, records  # noqa: E402
from standins.conditions import And, Condition, Or  # noqa: E402
from standins.hubspot import errors, properties  # noqa: E402
from standins.query_language import MalformedQuery, Query  # noqa: E402
from standins.salesforce import objects  # noqa: E402
from standins.server import Server  # noqa: E402
from standins.zoho import modules  # noqa: E402

OPTIONS = {"seed": 1, "records": 0, "kind": "", "equal_stamps": False, "faults": "", "clock_offset": 0, "zone": 480, "id_base": 0, "daily": 0,
           "limits": False}
AUTHORIZED = {"Authorization": "Bearer pat-standin"}


class Served:
    """A stand-in in this process."""

    def __init__(self, vendor, **options):
        self.standin = command.make(vendor, types.SimpleNamespace(**(OPTIONS | options)))
        self.server = Server(0, self.standin)
        self.standin.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def ask(self, method, path, body=None, headers=AUTHORIZED):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_address[1], timeout=10)
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.headers, content

    def admin(self, name, **body):
        status, _, content = self.ask("POST", "/_standin/" + name, body)
        assert status == 200, content
        return json.loads(content)


class ClockTests(unittest.TestCase):
    def test_all_forms_of_an_instant_mean_the_same(self):
        instant = 1_793_503_817_000
        for text in (clock.utc_ms(instant), clock.utc_no_colon(instant), clock.with_offset(instant, 480), clock.with_offset(instant, -210),
                     clock.http_date(instant), str(instant), "2026-11-01 03:30:17"):
            self.assertEqual(clock.parse(text), instant, text)
        for text in ("", "today", "2026-11", "2026-11-01T03:30:17+8"):
            self.assertIsNone(clock.parse(text), text)


class ConditionTests(unittest.TestCase):
    def test_spans_say_what_matching_says(self):
        """The short cut of a compound window against a look at every record."""
        stamps = [10, 10, 10, 20, 20, 30]
        held = [types.SimpleNamespace(order=order, modified=stamp, created=0, fields={}) for order, stamp in enumerate(stamps)]
        entries = [(record.modified, record.order, record) for record in held]
        asked = []
        for stamp in (5, 10, 15, 20, 30, 35):
            for operation in ("eq", "gt", "ge", "lt", "le"):
                asked.append(Condition("@modified", operation, stamp))
                asked += [Or(And(Condition("@modified", "eq", stamp), Condition("@id", "gt", order)), Condition("@modified", "gt", stamp))
                          for order in range(-1, 7)]
                asked += [And(Condition("@modified", "eq", stamp), Condition("@id", word, 1)) for word in ("gt", "ge", "lt", "le")]
            asked += [And(Condition("@modified", "ge", low), asked[-5]) for low in (5, 10, 20)]
        for condition in asked:
            found = conditions.spans(condition, entries)
            self.assertIsNotNone(found)
            places = [place for begin, end in found for place in range(begin, end)]
            self.assertEqual(places, [place for place, record in enumerate(held) if condition.matches(record)])
        self.assertIsNone(conditions.spans(Condition("@id", "gt", 1), entries))
        self.assertIsNone(conditions.spans(Condition("name", "eq", "x"), entries))

    def test_ids_in_order_say_what_matching_says(self):
        store = records.Store(clock.ServerClock(), lambda kind, number: str(number), int)
        for number in range(40):
            store.create("k", {}, stamp=number % 7)
        for low in (-1, 5, 39):
            for word in ("gt", "ge"):
                condition = And(Condition("@id", word, low), Condition("@modified", "ge", 2), Condition("@modified", "lt", 6))
                whole = [record.id for record in store.live("k") if condition.matches(record)]
                self.assertEqual([record.id for record in store.in_order("k", condition)], whole)
                self.assertEqual([record.id for record in store.in_order("k", condition, 3)], whole[:3])

    def test_ids_differ_by_case_and_values_do_not(self):
        record = types.SimpleNamespace(order="aB", fields={"name": "Li Ming"})
        self.assertFalse(Condition("@id", "in", ["ab", "AB"]).matches(record))
        self.assertTrue(Condition("@id", "gt", "Z").matches(record))
        self.assertTrue(Condition("name", "eq", "li ming").matches(record))

    def test_queries_are_read(self):
        asked = Query("SELECT Id, Name FROM Account WHERE (A = 'x\\'y' AND NOT B IN (1, 2)) OR C LIKE '%z' ORDER BY Id DESC LIMIT 5, 10",
                      lambda name, operation, value: Condition(name, operation, value))
        self.assertEqual((asked.object, asked.fields, asked.orders, asked.offset, asked.limit), ("Account", ["Id", "Name"], [("Id", True)], 5, 10))
        matches = lambda **fields: asked.condition.matches(types.SimpleNamespace(fields=fields))
        self.assertTrue(matches(A="x'y", B="3"))
        self.assertFalse(matches(A="x'y", B="2"))
        self.assertTrue(matches(C="fuzz"))
        for text in ("", "SELECT", "SELECT Id FROM", "SELECT Id FROM A WHERE", "SELECT Id FROM A WHERE B = ", "SELECT Id FROM A LIMIT x", "SELECT Id FROM A;"):
            with self.assertRaises(MalformedQuery, msg=text):
                Query(text, Condition)


class LimitTests(unittest.TestCase):
    def test_a_rolling_limit_forgets(self):
        limit = limits.RollingLimit(2, 1000)
        self.assertEqual([limit.take(0), limit.take(500), limit.take(999), limit.take(1000), limit.take(1001)], [True, True, False, True, False])

    def test_a_quota_ends_with_the_day_of_its_zone(self):
        quota = limits.DailyQuota(1, 480)
        noon = 1_793_503_817_000
        self.assertTrue(quota.take(noon))
        self.assertFalse(quota.take(noon + 1))
        reset = quota.reset_ms(noon)
        self.assertEqual(clock.with_offset(reset, 480)[11:19], "00:00:00")
        self.assertFalse(quota.take(reset - 1))
        self.assertTrue(quota.take(reset))

    def test_faults_are_read_and_used_up(self):
        import random
        list_of = faults.Faults(random.Random(1))
        list_of.add("rate-limit=2/search*2, slow=50*0?1, index-lag=7")
        self.assertEqual([fault.name for fault in list_of.due("get")], ["slow"])
        self.assertEqual([len(list_of.due("search")) for _ in range(3)], [2, 2, 1])
        self.assertEqual(list_of.conditions, {"index-lag": 7.0})
        list_of.add("server-error=403/members+2")
        self.assertEqual([[fault.name for fault in list_of.due("members") if fault.kind] for _ in range(4)], [[], [], ["server-error"], []])
        for wrong in ("nonsense", "slow=", "slow*x"):
            with self.subTest(wrong):
                if wrong == "slow=":
                    list_of.add(wrong)
                else:
                    self.assertRaises(ValueError, list_of.add, wrong)


class ServingTests(unittest.TestCase):
    BATCH = "/crm/v3/objects/contacts/batch/create"

    def make(self, served, count, trace=False):
        inputs = [{"properties": {"email": f"b{number}@standin.example"}} | ({"objectWriteTraceId": str(number)} if trace else {}) for number in range(count)]
        return served.ask("POST", self.BATCH, {"inputs": inputs})

    def test_a_reply_is_lost_after_the_commit_or_before(self):
        with Served("hubspot", faults="drop-after/create, drop-before/update") as served:
            with self.assertRaises((http.client.HTTPException, OSError)):
                served.ask("POST", "/crm/v3/objects/contacts", {"properties": {"email": "a@standin.example"}})
            (record,) = served.standin.store.all("contacts")
            with self.assertRaises((http.client.HTTPException, OSError)):
                served.ask("PATCH", f"/crm/v3/objects/contacts/{record.id}", {"properties": {"phone": "1"}})
            self.assertNotIn("phone", record.fields)

    def test_bodies_are_cut_padded_and_no_json(self):
        with Served("hubspot", records=3) as served:
            path = "/crm/v3/objects/contacts"
            served.admin("faults", add="malformed")
            self.assertRaises(ValueError, json.loads, served.ask("GET", path)[2])
            served.admin("faults", add="truncated")
            with self.assertRaises(http.client.IncompleteRead):
                served.ask("GET", path)
            served.admin("faults", add="huge=3")
            self.assertGreater(len(served.ask("GET", path)[2]), 3 << 20)
            served.admin("faults", add="html=500")
            status, headers, body = served.ask("GET", path)
            self.assertEqual((status, headers["Content-Type"], body[:9]), (500, "text/html", b"<!DOCTYPE"))
            self.assertEqual(len(json.loads(served.ask("GET", path)[2])["results"]), 3)

    def test_creating_in_part_is_chosen_by_trace_ids(self):
        with Served("hubspot") as served:
            self.assertEqual(self.make(served, 2)[0], 201)
            self.assertEqual(self.make(served, 3)[0], 409)
            self.assertEqual(len(served.standin.store.all("contacts")), 2)
            status, _, body = self.make(served, 3, trace=True)
            self.assertEqual((status, json.loads(body)["numErrors"]), (207, 2))
            self.assertEqual(self.make(served, 101)[0], 400)

    def test_a_batch_reply_leaves_out_a_result(self):
        with Served("hubspot", faults="missing-result") as served:
            status, _, body = self.make(served, 3)
            self.assertEqual((status, len(json.loads(body)["results"]), len(served.standin.store.all("contacts"))), (201, 2, 3))

    def test_the_newest_version_refuses_whole_batches(self):
        with Served("hubspot") as served:
            inputs = [{"id": "a@standin.example", "idProperty": "email"}, {"id": "b@standin.example", "idProperty": "email", "properties": {"nonsense": "1"}}]
            self.assertEqual(served.ask("POST", "/crm/objects/2026-09/contacts/batch/upsert", {"inputs": inputs})[0], 400)
            self.assertEqual(served.standin.store.all("contacts"), [])
            self.assertEqual(served.ask("POST", "/crm/objects/2026-03/contacts/batch/upsert", {"inputs": inputs})[0], 207)

    def test_a_lagging_index_shows_the_state_before(self):
        with Served("hubspot", records=1) as served:
            search = lambda: json.loads(served.ask("POST", "/crm/v3/objects/contacts/search", {"properties": ["phone"]})[2])["results"]
            before = search()[0]["properties"]["phone"]
            served.admin("faults", add="index-lag=60")
            (record,) = served.standin.store.all("contacts")
            served.admin("edit", kind="contacts", ids=[record.id], fields={"phone": "new"})
            self.assertEqual(search()[0]["properties"]["phone"], before)
            served.admin("advance", seconds=61)
            self.assertEqual(search()[0]["properties"]["phone"], "new")

    def test_late_commits_have_old_stamps(self):
        with Served("hubspot", faults="late-commits=3600", records=1) as served:
            newest = max(record.modified for record in served.standin.store.all("contacts"))
            served.admin("create", kind="contacts", records=[{"email": f"l{number}@standin.example"} for number in range(20)])
            stamps = [record.modified for record in served.standin.store.all("contacts")]
            self.assertTrue(any(stamp < newest for stamp in stamps))

    def test_values_are_rewritten(self):
        with Served("hubspot", faults="rewrite") as served:
            body = {"properties": {"firstname": " a ", "phone": "+8613800138000"}}
            made = json.loads(served.ask("POST", "/crm/v3/objects/contacts", body)[2])["properties"]
            self.assertEqual((made["firstname"], made["phone"]), ("a", "+86 138-0013-8000"))

    def test_clocks_may_be_wrong(self):
        with Served("salesforce", clock_offset=-7200) as served:
            self.assertLess(clock.parse(served.ask("GET", "/services/data/")[1]["Date"]), time.time() * 1000 - 7_100_000)

    def test_events_are_lost_doubled_and_mixed(self):
        with Served("hubspot") as served:
            served.admin("create", kind="contacts", records=[{"email": f"e{number}@standin.example"} for number in range(10)])
            (batch,) = served.admin("deliver", url="http://node.example/", send=False, duplicate=3, lose=2, shuffle=True)["batches"]
            events = json.loads(batch["body"])
            self.assertEqual((len(events), len({event["eventId"] for event in events})), (11, 8))
            self.assertNotEqual([event["objectId"] for event in events], sorted(event["objectId"] for event in events))

    def test_bad_input_is_answered(self):
        for vendor in command.VENDORS:
            with Served(vendor) as served, self.subTest(vendor):
                for path in ("/", "/crm/v3/objects/contacts/search", "/crm/v8/Contacts/upsert", "/cgi/crm/v2/data/query", "/oauth/v1/token",
                             "/api/v5/app/entry/data/list", "/services/data/v67.0/composite/sobjects", "/_standin/nothing"):
                    for body in (None, [], {"inputs": 1}, {"data": 1}, "text"):
                        self.assertIn(served.ask("POST", path, body)[0] // 100, (2, 4), path)


class VendorLimitTests(unittest.TestCase):
    def test_hubspot_counts_ten_seconds_and_the_day(self):
        with Served("hubspot", limits=True, daily=200) as served:
            path = "/crm/v3/owners"
            answers = [served.ask("GET", path) for _ in range(191)]
            self.assertEqual([answer[0] for answer in answers], [200] * 190 + [429])
            self.assertEqual(answers[0][1]["X-HubSpot-RateLimit-Remaining"], "189")
            self.assertEqual(json.loads(answers[-1][2])["policyName"], "TEN_SECONDLY_ROLLING")
            served.admin("advance", seconds=11)
            last = [served.ask("GET", path) for _ in range(11)][-1]
            self.assertEqual((last[0], json.loads(last[2])["policyName"]), (429, "DAILY"))
            served.admin("advance", seconds=86_400)
            self.assertEqual(served.ask("GET", path)[0], 200)

    def test_zoho_tells_credits_from_the_half_on(self):
        with Served("zoho", limits=True, daily=10) as served:
            form = "refresh_token=standin-refresh&client_id=standin-client&client_secret=standin-secret&grant_type=refresh_token"
            token = json.loads(served.ask("POST", "/oauth/v2/token?" + form)[2])["access_token"]
            headers = {"Authorization": "Zoho-oauthtoken " + token}
            self.assertIsNone(served.ask("GET", "/crm/v8/org", headers=headers)[1]["X-API-CREDITS-REMAINING"])
            rows = {"data": [{"Last_Name": str(number)} for number in range(41)], "trigger": []}
            status, told, _ = served.ask("POST", "/crm/v8/Contacts", rows, headers)
            self.assertEqual((status, told["X-API-CREDITS-REMAINING"]), (201, "4"))
            status, told, body = served.ask("POST", "/crm/v8/Contacts", rows, headers)
            self.assertEqual((status, json.loads(body)["code"], told["Retry-After"]), (429, "TOO_MANY_REQUESTS", None))

    def test_fxiaoke_answers_its_limits_with_status_200(self):
        with Served("fxiaoke", limits=True) as served:
            asked = {"appId": "FSAID_standin", "appSecret": "standin-secret", "permanentCode": "standin-code", "grantType": "app_secret"}
            token = json.loads(served.ask("POST", "/oauth2.0/token", asked)[2])["accessToken"]
            headers = {"authorization": "Bearer " + token, "x-fs-ea": "standin1", "x-fs-userid": "1000"}
            query = {"data": {"dataObjectApiName": "AccountObj"}}
            answers = [served.ask("POST", "/cgi/crm/v2/data/query?thirdTraceId=1", query, headers) for _ in range(101)]
            self.assertEqual({answer[0] for answer in answers}, {200})
            self.assertEqual([json.loads(answer[2])["errorCode"] for answer in answers], [0] * 100 + [30004])


class ValueTests(unittest.TestCase):
    def test_yes_or_no_is_no_text_but_in_hubspot(self):
        vip = modules.Field("Limn_Vip", "boolean 5")
        self.assertEqual((vip.fault("true"), vip.fault(True)), ("boolean", None))
        contact = {"LastName": "Smith", "Limn_Vip__c": "true"}
        self.assertEqual(objects.fault("Contact", contact)["statusCode"], "INVALID_TYPE_ON_FIELD_IN_RECORD")
        self.assertIsNone(objects.fault("Contact", contact | {"Limn_Vip__c": True}))
        held = properties.defined()["contacts"]
        self.assertEqual(properties.checked(held, {"limn_vip": True}, {}), {"limn_vip": "true"})
        self.assertRaises(errors.InvalidProperties, properties.checked, held, {"limn_vip": "yes"}, {})


class CommandTests(unittest.TestCase):
    def start(self, *options):
        process = subprocess.Popen([str(FOLDER / "standin"), "jiandaoyun", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        self.assertRegex(process.stdout.readline(), r"^http://127\.0\.0\.1:\d+\n$")
        return process

    def test_it_ends_at_a_signal(self):
        process = self.start()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(10), 0)

    def test_it_ends_with_its_input(self):
        process = self.start()
        process.stdin.close()
        self.assertEqual(process.wait(10), 0)

    def test_it_ends_by_itself(self):
        self.assertEqual(self.start("--lifetime", "0.3").wait(10), 0)


if __name__ == "__main__":
    unittest.main()

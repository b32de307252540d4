"""simple-salesforce against the stand-in; it has no OpenAPI document."""

import datetime

import requests
from report import Report, Running, finish, http
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession

report = Report("salesforce")


class Plain(requests.adapters.HTTPAdapter):
    """The client speaks https alone: here to plain HTTP on loopback."""

    def send(self, request, **arguments):
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, **arguments)

    def get_connection_with_tls_context(self, request, verify, proxies=None, cert=None):
        request.url = request.url.replace("https://", "http://", 1)
        return super().get_connection_with_tls_context(request, verify, proxies, cert)


def connected(standin, session_id="standin-session"):
    session = requests.Session()
    session.mount("https://", Plain())
    return Salesforce(instance=standin.url.removeprefix("http://"), session_id=session_id, session=session, version="67.0")


def writing(client):
    made = client.Contact.create({"LastName": "李", "Email": "one@standin.example", "LimnId__c": "p1"})
    report.check("a contact is made, its id of 18 characters", made["success"] and len(made["id"]) == 18)
    short = client.Contact.get(made["id"][:15])
    report.check("15 characters of it mean the same record", short["Id"] == made["id"] and short["SystemModstamp"].endswith(".000+0000"))
    results = client.restful("composite/sobjects/Contact/LimnId__c", method="PATCH", json={"allOrNone": False, "records": [
        {"attributes": {"type": "Contact"}, "LimnId__c": "p1", "LastName": "王"}, {"attributes": {"type": "Contact"}, "LimnId__c": "p2", "LastName": ""},
        {"attributes": {"type": "Contact"}, "LimnId__c": "p3", "LastName": "赵"}]})
    report.check("a collection's results stand in the order of the request",
                 [(one["success"], one.get("created")) for one in results] == [(True, False), (False, None), (True, True)]
                 and results[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING", results)
    again = client.Contact.upsert("LimnId__c/p3", {"LastName": "孙"}, raw_response=True)
    report.check("an upsert by an external id answers 200 for what is there", again.status_code == 200)
    report.raises("an unknown field is refused", lambda: client.Contact.update(made["id"], {"Nonsense": "1"}),
                  lambda error: error.content[0]["errorCode"] == "INVALID_FIELD")
    client.Contact.delete(results[2]["id"])
    now = datetime.datetime.now(datetime.timezone.utc)
    gone = client.Contact.deleted(now - datetime.timedelta(hours=1), now + datetime.timedelta(minutes=2))
    report.check("the deleted are told, and until when", [one["id"] for one in gone["deletedRecords"]] == [results[2]["id"]] and gone["latestDateCovered"])
    both = client.query_all("SELECT Id, IsDeleted FROM Contact", include_deleted=True)["records"]
    report.check("queryAll has them too", sorted(one["IsDeleted"] for one in both) == [False, True])
    report.check("objects are described", any(field["externalId"] for field in client.Contact.describe()["fields"]))


def relating(client):
    accounts = [client.Account.create({"Name": name})["id"] for name in ("c", "d")]
    contact = client.Contact.create({"LastName": "钱", "AccountId": accounts[0]})["id"]

    def relations():
        rows = client.query(f"SELECT Id, AccountId, IsDirect, Roles FROM AccountContactRelation WHERE ContactId = '{contact}'")["records"]
        return {row["AccountId"]: row for row in rows}

    first = relations()
    report.check("a contact's lookup makes a direct relation", list(first) == accounts[:1] and first[accounts[0]]["IsDirect"], first)
    client.AccountContactRelation.update(first[accounts[0]]["Id"], {"Roles": "Decision Maker;Buyer"})
    client.Contact.update(contact, {"AccountId": accounts[1]})
    after = relations()
    report.check("another account's is direct then, and the former stays with its roles",
                 after[accounts[1]]["IsDirect"] and not after[accounts[0]]["IsDirect"] and after[accounts[0]]["Roles"] == "Decision Maker;Buyer", after)


def merging(client, standin):
    winner, loser = standin.admin("create", kind="Account", records=[{"Name": "a"}, {"Name": "b", "Phone": "1"}])["ids"]
    standin.admin("merge", kind="Account", winner=winner, loser=loser)
    row = client.query_all(f"SELECT Id, IsDeleted, MasterRecordId FROM Account WHERE Id = '{loser}'", include_deleted=True)["records"][0]
    report.check("a merge's loser is deleted and names its master", row["IsDeleted"] and row["MasterRecordId"] == winner)


def paging(client, standin):
    stamp = 1_793_503_817_000
    standin.admin("seed", kind="Lead", count=25_000, stamp=stamp)
    rows = list(client.query_all_iter("SELECT Id FROM Lead WHERE SystemModstamp >= 2026-11-01T00:00:00Z ORDER BY SystemModstamp, Id"))
    report.check("25,000 leads of one stamp come through nextRecordsUrl", len({row["Id"] for row in rows}) == len(rows) == 25_000)
    window = (f"SELECT Id FROM Lead WHERE (SystemModstamp = 2026-11-01T03:30:17Z AND Id > '{rows[1999]['Id']}') OR SystemModstamp > 2026-11-01T03:30:17Z "
              "ORDER BY SystemModstamp, Id LIMIT 2000")
    later = [row["Id"] for row in client.query(window)["records"]]
    report.check("a window of stamp and id goes on after a row", later == [row["Id"] for row in rows[2000:4000]])
    first = client.query("SELECT Id FROM Lead ORDER BY SystemModstamp, Id")
    standin.admin("advance", seconds=3 * 86_400)
    report.raises("a locator ends after two days", lambda: client.query_more(first["nextRecordsUrl"], identifier_is_url=True),
                  lambda error: error.content[0]["errorCode"] == "INVALID_QUERY_LOCATOR")


def sessions(client, standin):
    asked = {"grant_type": "client_credentials", "client_id": "standin-client", "client_secret": "standin-secret"}
    form = "&".join(f"{name}={value}" for name, value in asked.items()).encode()
    status, _, token = http("POST", standin.url + "/services/oauth2/token", form, {"Content-Type": "application/x-www-form-urlencoded"})
    report.check("a token does not say when it ends", status == 200 and "expires_in" not in token and token["instance_url"] == standin.url)
    other = connected(standin, token["access_token"])
    report.check("it is good", other.query("SELECT COUNT() FROM Lead")["totalSize"] == 25_000)
    standin.admin("faults", add="expire-token")
    report.raises("until it is not", lambda: other.limits(), lambda error: isinstance(error, SalesforceExpiredSession))
    report.check("what was used is in a header", client.api_usage["api-usage"].total == 100_000)
    standin.admin("faults", add="daily-quota")
    report.raises("a spent quota is 403", lambda: client.limits(), lambda error: isinstance(error, SalesforceError) and error.status == 403)
    standin.admin("limits", on=True)
    report.raises("until the day ends", lambda: client.limits(), lambda error: error.status == 403)
    standin.admin("advance", seconds=86_400)
    report.check("then requests are answered again", client.limits()["DailyApiRequests"]["Remaining"] < 100_000)


with Running("salesforce", "--no-limits") as running:
    salesforce = connected(running)
    writing(salesforce)
    relating(salesforce)
    merging(salesforce, running)
    paging(salesforce, running)
    sessions(salesforce, running)
finish(report)

"""Zoho's own Python client (zohocrmsdk8_0) against the stand-in, and the replies against its OpenAPI documents."""

import datetime
import tempfile

from report import Report, Running, finish, http, specifications
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore
from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, Initializer, ParameterMap
from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
from zohocrmsdk.src.com.zoho.crm.api.record import (BodyWrapper, DeletedRecordsWrapper, Field, GetDeletedRecordsHeader, GetRecordsHeader,
                                                    GetRecordsParam, Record, RecordOperations)
from zohocrmsdk.src.com.zoho.crm.api.sdk_config import SDKConfig

report = Report("zoho")
CREDENTIALS = b"refresh_token=standin-refresh&client_id=standin-client&client_secret=standin-secret&grant_type=refresh_token"


def connect(standin, folder):
    Initializer.initialize(
        environment=DataCenter.Environment(standin.url, standin.url + "/oauth/v2/token", standin.url),
        token=OAuthToken(client_id="standin-client", client_secret="standin-secret", refresh_token="standin-refresh"),
        store=FileStore(folder + "/tokens.csv"), sdk_config=SDKConfig(auto_refresh_fields=False), resource_path=folder)


def record(**values):
    made = Record()
    for name, value in values.items():
        made.add_key_value(name, value)
    return made


def upsert(operations, *records):
    body = BodyWrapper()
    body.set_data(list(records))
    body.set_duplicate_check_fields(["Email"])
    body.set_trigger([])
    answer = operations.upsert_records(body)
    return answer.get_status_code(), answer.get_object().get_data()


def listed(operations, *since, **parameters):
    given = ParameterMap()
    given.add(GetRecordsParam.fields, "Last_Name,Email,Modified_Time")
    for name, value in parameters.items():
        given.add(getattr(GetRecordsParam, name), value)
    headers = HeaderMap()
    for time in since:
        headers.add(GetRecordsHeader.if_modified_since, time)
    return operations.get_records(given, headers)


def writing(operations, standin):
    status, (made,) = upsert(operations, record(Last_Name="李", Email="one@standin.example"))
    identifier = str(made.get_details()["id"])
    report.check("a contact is made, its id beyond 2^53", status == 200 and made.get_action().get_value() == "insert" and int(identifier) > 1 << 53)
    status, items = upsert(operations, record(Last_Name="王", Email="one@standin.example"), record(Email="two@standin.example"))
    report.check("an upsert with a bad record is 207, an answer for each in order",
                 status == 207 and items[0].get_action().get_value() == "update" and items[1].get_code().get_value() == "MANDATORY_NOT_FOUND")
    report.check("an update tells its Modified_Time", items[0].get_details()["Modified_Time"] is not None)
    report.check("no write left its triggers on", standin.status()["marks"] == {})
    return identifier


def reading(operations, standin, identifier):
    body = listed(operations).get_object()
    report.check("contacts are listed", [str(one.get_id()) for one in body.get_data()] == [identifier] and not body.get_info().get_more_records())
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1)
    report.check("nothing changed is 304 with an empty body", listed(operations, soon).get_status_code() == 304)
    standin.admin("seed", kind="Contacts", count=2_500)
    ids, answer = set(), listed(operations, sort_by="Modified_Time", sort_order="asc", per_page=200)
    while True:
        body = answer.get_object()
        ids |= {one.get_id() for one in body.get_data()}
        if not body.get_info().get_more_records():
            break
        answer = listed(operations, sort_by="Modified_Time", sort_order="asc", per_page=200, page_token=body.get_info().get_next_page_token())
    report.check("page tokens lead through 2,501 contacts", len(ids) == 2_501)
    report.check("by page there are 2,000 and no more", listed(operations, page=11, per_page=200).get_object().get_code().get_value() is not None)
    first = listed(operations, per_page=200).get_object().get_info()
    standin.admin("advance", seconds=86_500)
    ended = listed(operations).get_object()
    report.check("a token that has ended is INVALID_TOKEN", ended.get_code().get_value() == "INVALID_TOKEN")
    with tempfile.TemporaryDirectory() as another:
        connect(standin, another)
        read_after_a_day(operations, identifier, first)
        tokens(operations, standin)


def read_after_a_day(operations, identifier, first):
    report.check("a page token ends after a day", listed(operations, page_token=first.get_next_page_token()).get_status_code() == 400)
    operations.delete_record(int(identifier))
    headers = HeaderMap()
    headers.add(GetDeletedRecordsHeader.if_modified_since, datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc))
    gone = operations.get_deleted_records(ParameterMap(), headers).get_object()
    report.check("the deleted are listed", isinstance(gone, DeletedRecordsWrapper) and [str(one.get_id()) for one in gone.get_data()] == [identifier])


def tokens(operations, standin):
    report.check("each client took one token", standin.status()["counters"]["token"] == 2)
    standin.admin("faults", add="rate-limit/list")
    report.check("too many requests are 429", listed(operations).get_status_code() == 429)
    status, _, answer = http("POST", standin.url + "/oauth/v2/token", CREDENTIALS.replace(b"standin-refresh", b"other"),
                             {"Content-Type": "application/x-www-form-urlencoded"})
    report.check("a wrong refresh token is told with status 200", (status, answer) == (200, {"error": "invalid_code"}))


def shapes(standin):
    folder = specifications()
    if folder is None:
        return report.skip("shapes by the OpenAPI documents", "LIMN_CRM_SPECS and LIMN_DATASETS name no folder that has them")
    from specification import Specification
    token = http("POST", standin.url + "/oauth/v2/token", CREDENTIALS, {"Content-Type": "application/x-www-form-urlencoded"})[2]["access_token"]
    headers = {"Authorization": "Zoho-oauthtoken " + token}
    document, base = Specification(folder / "zoho/record.v8.json"), "/crm/v8/{module_api_name}"
    asked = [
        ("GET", base, "/crm/v8/Contacts?fields=Last_Name,Email,Modified_Time&per_page=2", None),
        ("GET", base, "/crm/v8/Contacts", None), ("GET", base + "/deleted", "/crm/v8/Contacts/deleted?type=all", None),
        ("POST", base + "/upsert", "/crm/v8/Contacts/upsert", {"data": [{"Last_Name": "a", "Email": "shape@standin.example"}, {"Email": "x"}], "trigger": []}),
    ]
    for method, template, path, body in asked:
        status, _, answer = http(method, standin.url + path, body, headers)
        # The document knows no null, but replies carry them; nor any status but 200.
        for one in answer.get("data", []):
            if one.get("duplicate_field", "") is None:
                del one["duplicate_field"]
        faults = document.faults(method, template, 200, answer)
        report.check(f"{method} {template} {status} has the shape of the document", not faults, "; ".join(faults[:3]))


with Running("zoho", "--no-limits") as running, tempfile.TemporaryDirectory() as folder:
    connect(running, folder)
    contacts = RecordOperations("Contacts")
    reading(contacts, running, writing(contacts, running))
    shapes(running)
finish(report)

"""Plain HTTP against the stand-in of 简道云, whose vendor has demonstrations and no client."""

import hashlib
import urllib.parse

from report import Report, Running, finish, http

report = Report("jiandaoyun")
FORM = {"app_id": "59264073a2a60c0c08e20bfb", "entry_id": "59264073a2a60c0c08e20bfd"}
NAME, MAIL, OWNER = "_widget_1001", "_widget_1002", "_widget_1009"


def call(standin, path, **body):
    status, _, answer = http("POST", f"{standin.url}/api/v5/app/entry/{path}", FORM | body, {"Authorization": "Bearer standin-key"})
    return status, answer


def writing(standin):
    rows = [{NAME: {"value": "海辰医疗"}, MAIL: {"value": "a@standin.example"}}, {NAME: {"value": "B"}}]
    asked = {"data_list": rows, "transaction_id": "87cd7d71-c6df-4281-9927-469094395677"}
    status, first = call(standin, "data/batch_create", **asked)
    report.check("two records are made", status == 200 and first["success_count"] == 2)
    report.check("the same transaction makes none", call(standin, "data/batch_create", **asked)[1] == first and standin.status()["records"]["customers"] == 2)
    standin.admin("faults", add="drop-after/create")
    body = {"data": {NAME: {"value": "C"}}, "transaction_id": "t"}
    try:
        call(standin, "data/create", **body)
        report.check("the reply is lost", False)
    except OSError:
        report.check("the reply is lost", True)
    report.check("and a second try makes nothing twice", call(standin, "data/create", **body)[0] == 200 and standin.status()["records"]["customers"] == 3)
    status, answer = call(standin, "data/get", data_id=first["success_ids"][0])
    report.check("values are wrapped when written and bare when read", answer["data"][NAME] == "海辰医疗")
    call(standin, "data/update", data_id=first["success_ids"][0], data={NAME: "bare"})
    report.check("a bare value is not written", call(standin, "data/get", data_id=first["success_ids"][0])[1]["data"][NAME] == "海辰医疗")
    for value in ("zhangwei", {"username": "liming"}):
        call(standin, "data/update", data_id=first["success_ids"][0], data={OWNER: {"value": value}})
        owner = call(standin, "data/get", data_id=first["success_ids"][0])[1]["data"][OWNER]
        report.check("a member is written as the username and read as an object", owner["username"] == "zhangwei")
    call(standin, "data/batch_update", data_ids=first["success_ids"], data={NAME: {"value": "same"}})
    report.check("a batch update gives all one value", {row[NAME] for row in call(standin, "data/list", limit=100)[1]["data"]} == {"same", "C"})
    call(standin, "data/batch_delete", data_ids=first["success_ids"])
    status, answer = call(standin, "data/get", data_id=first["success_ids"][0])
    report.check("what is gone is status 400 with a code", status == 400 and isinstance(answer["code"], int))


def reading(standin):
    standin.admin("seed", kind="customers", count=250)
    ids, last = [], ""
    while rows := call(standin, "data/list", limit=100, data_id=last)[1]["data"]:
        ids += [row["_id"] for row in rows]
        last = ids[-1]
    report.check("records are paged by id", len(set(ids)) == len(ids) == 251 and ids == sorted(ids))
    standin.admin("edit", kind="customers", ids=[ids[0]], fields={NAME: "changed"})
    report.check("a change of an old record is not behind the last id", call(standin, "data/list", limit=100, data_id=last)[1]["data"] == [])
    report.check("widgets are described", len(call(standin, "widget/list")[1]["widgets"]) == 11)


def limits(standin):
    standin.admin("faults", add="rate-limit")
    report.check("too many requests are status 400 and 8303", call(standin, "data/list") == (400, {"code": 8303, "msg": "超出请求频率限制"}))
    standin.admin("limits", on=True)
    report.check("so is the 31st list in a second", [call(standin, "data/list")[0] for _ in range(31)][-1] == 400)


def webhooks(standin):
    standin.admin("deliver", send=False)
    standin.admin("create", kind="customers", records=[{NAME: "hook"}])
    batch = standin.admin("deliver", url="http://node.example/hook", send=False)["batches"][0]
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(batch["url"]).query)
    text = f"{query['nonce'][0]}:{batch['body']}:standin-webhook-secret:{query['timestamp'][0]}"
    report.check("an event is signed", hashlib.sha1(text.encode()).hexdigest() == batch["headers"]["X-JDY-Signature"])


with Running("jiandaoyun", "--no-limits") as running:
    writing(running)
    reading(running)
    webhooks(running)
    limits(running)
finish(report)

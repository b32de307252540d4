"""Plain HTTP against the stand-in of 纷享销客, whose vendor has no client to prove it with."""

import uuid

from report import Report, Running, finish, http

report = Report("fxiaoke")
APPLICATION = {"appId": "FSAID_standin", "appSecret": "standin-secret", "permanentCode": "standin-code", "grantType": "app_secret"}


class Client:
    """The new generation of credentials: headers."""

    def __init__(self, standin):
        self._standin, self.token = standin, None

    def ask_token(self):
        return http("POST", f"{self._standin.url}/oauth2.0/token?thirdTraceId={uuid.uuid4()}", APPLICATION)[2]

    def call(self, path, body):
        headers = {"authorization": f"Bearer {self.token}", "x-fs-ea": "standin1", "x-fs-userid": "1000"}
        status, _, answer = http("POST", f"{self._standin.url}/cgi/crm/v2/{path}?thirdTraceId={uuid.uuid4()}", body, headers)
        assert status == 200
        return answer

    def query(self, filters, limit=100, offset=0):
        asked = {"limit": limit, "offset": offset, "filters": filters, "orders": [{"fieldName": "_id", "isAsc": True}]}
        return self.call("data/query", {"data": {"dataObjectApiName": "AccountObj", "search_query_info": asked}})


def tokens(client, standin):
    report.check("no token is errorCode 20016 with status 200", client.query([])["errorCode"] == 20016)
    first = client.ask_token()
    client.token = first["accessToken"]
    report.check("the same token comes for 6,600 s", client.ask_token()["accessToken"] == client.token and first["expiresIn"] == 7200)
    standin.admin("advance", seconds=6_700)
    second = client.ask_token()["accessToken"]
    report.check("then another, and both are good", second != client.token and client.query([])["errorCode"] == 0)
    standin.admin("advance", seconds=600)
    report.check("until the old one ends", client.query([])["errorCode"] == 20016)
    client.token = second
    report.check("the eleventh token in a minute is refused", [client.ask_token()["errorCode"] for _ in range(11)][-1] == 30004)


def writing(client, standin):
    values = {"dataObjectApiName": "AccountObj", "name": "海辰医疗", "tel": "13800138000"}
    made = client.call("data/create", {"triggerWorkFlow": False, "triggerApprovalFlow": False, "data": {"object_data": values}})
    identifier = made["dataId"]
    report.check("the object's name stands inside of object_data", made["errorCode"] == 0 and client.call(
        "data/create", {"data": {"dataObjectApiName": "AccountObj", "object_data": {"name": "a"}}})["errorCode"] != 0)
    client.call("data/update", {"data": {"object_data": {"dataObjectApiName": "AccountObj", "_id": identifier, "name": "b", "owner": ["1"]}}})
    marks = standin.status()["marks"]
    report.check("a write that starts flows is counted", marks == {"write-with-triggers": 1, "owner-in-update": 1}, marks)
    row = client.query([{"field_name": "_id", "operator": "EQ", "field_values": [identifier]}])["data"]["dataList"][0]
    report.check("empty fields are not there, and the owner has a twin", "email" not in row and row["owner"] == ["1000"] and "owner__r" in row)
    both = {"dataObjectApiName": "AccountObj"}
    report.check("deleting needs two steps", [
        client.call("data/delete", {"data": both | {"idList": [identifier]}})["errorCode"] != 0,
        client.call("data/invalid", {"data": both | {"object_data_id": identifier}})["errorCode"] == 0,
        client.call("data/recover", {"data": both | {"idList": [identifier]}})["errorCode"] == 0,
        client.call("data/invalid", {"data": both | {"object_data_id": identifier}})["errorCode"] == 0,
        client.call("data/delete", {"data": both | {"idList": [identifier]}})["errorCode"] == 0] == [True] * 5)


def reading(client, standin):
    stamp = 1_793_503_817_883
    standin.admin("seed", kind="AccountObj", count=25_000, stamp=stamp)
    ids, last = [], ""
    while True:
        filters = [{"field_name": "last_modified_time", "operator": "GTE", "field_values": [str(stamp)]}]
        filters += [{"field_name": "_id", "operator": "GT", "field_values": [last]}] if last else []
        answer = client.query(filters)
        rows = answer["data"]["dataList"]
        ids += [row["_id"] for row in rows]
        if len(rows) < 100:
            break
        last = ids[-1]
    report.check("25,000 records of one stamp are read by their ids", len(set(ids)) == len(ids) == 25_000 and answer["data"]["total"] == 0)
    report.check("an offset is a multiple of the limit", client.query([], limit=100, offset=50)["errorCode"] != 0)
    report.check("and 10,000 at most", client.query([], limit=100, offset=10_100)["errorCode"] != 0)


def limits(client, standin):
    standin.admin("faults", add="rate-limit, ok-error")
    report.check("limits and failures come with status 200 too", {client.query([])["errorCode"]} <= {30004, -1})
    standin.admin("faults", clear=True, add="daily-quota")
    standin.admin("limits", on=True)
    report.check("a spent quota", [client.query([])["errorCode"] for _ in range(2)] == [30002, 30002])


with Running("fxiaoke", "--no-limits") as running:
    fxiaoke = Client(running)
    tokens(fxiaoke, running)
    writing(fxiaoke, running)
    reading(fxiaoke, running)
    limits(fxiaoke, running)
finish(report)

"""HubSpot's own Python client (hubspot-api-client) against the stand-in, and the replies against its OpenAPI documents."""

import base64
import hashlib
import hmac

import hubspot
from hubspot.crm.associations.v4 import (AssociationSpec, BatchInputPublicAssociationMultiArchive, BatchInputPublicAssociationMultiPost,
                                         BatchInputPublicFetchAssociationsBatchRequest, PublicAssociationMultiArchive, PublicAssociationMultiPost,
                                         PublicFetchAssociationsBatchRequest, PublicObjectId)
from hubspot.crm.associations.v4.schema import PublicAssociationDefinitionCreateRequest
from hubspot.crm.lists import ListCreateRequest, ListSearchRequest, MembershipChangeRequest
from hubspot.crm.contacts import (BatchInputSimplePublicObjectBatchInputUpsert, BatchInputSimplePublicObjectId, BatchReadInputSimplePublicObjectId,
                                  Filter, FilterGroup, PublicMergeInput, PublicObjectSearchRequest, SimplePublicObjectBatchInputUpsert, SimplePublicObjectId,
                                  SimplePublicObjectInput, SimplePublicObjectInputForCreate)
from report import Report, Running, finish, http, specifications

report = Report("hubspot")
TOKEN = {"Authorization": "Bearer pat-standin"}


def upsert(email, stage, trace):
    return SimplePublicObjectBatchInputUpsert(id_property="email", id=email, properties={"firstname": "明", "lifecyclestage": stage},
                                              object_write_trace_id=trace)


def writing(client):
    contacts = client.crm.contacts
    made = contacts.basic_api.create(SimplePublicObjectInputForCreate(properties={"email": "One@standin.example", "lastname": "李"}, associations=[]))
    report.check("a contact is made, its id beyond 2^53", int(made.id) > 1 << 53 and made.properties["email"] == "one@standin.example", made)
    report.raises("the same email again is 409 with the id in the text",
                  lambda: contacts.basic_api.create(SimplePublicObjectInputForCreate(properties={"email": "one@standin.example"}, associations=[])),
                  lambda error: error.status == 409 and f"Existing ID: {made.id}" in error.body)
    batch = BatchInputSimplePublicObjectBatchInputUpsert(inputs=[
        upsert("one@standin.example", "lead", "a"), upsert("two@standin.example", "no_such_stage", "b"), upsert("three@standin.example", "lead", "c")])
    result = contacts.batch_api.upsert(batch)
    report.check("a batch upsert with a bad record is 207 with results and errors",
                 type(result).__name__ == "BatchResponseSimplePublicUpsertObjectWithErrors" and result.num_errors == 1
                 and sorted((one.object_write_trace_id, one.new) for one in result.results) == [("a", False), ("c", True)]
                 and result.errors[0].context["objectWriteTraceId"] == ["b"], result)
    changed = contacts.basic_api.update(made.id, SimplePublicObjectInput(properties={"phone": "1"}))
    report.check("an update answers with the record", changed.properties["phone"] == "1")
    found = contacts.batch_api.read(BatchReadInputSimplePublicObjectId(
        inputs=[SimplePublicObjectId(made.id)], properties=["phone"], properties_with_history=["phone"]))
    report.check("a batch read tells the history, ours as INTEGRATION", found.results[0].properties_with_history["phone"][0].source_type == "INTEGRATION")
    other = contacts.basic_api.create(SimplePublicObjectInputForCreate(properties={"email": "loser@standin.example", "jobtitle": "x"}, associations=[]))
    contacts.basic_api.merge(PublicMergeInput(object_id_to_merge=other.id, primary_object_id=made.id))
    report.check("the id of a merged contact means its winner", contacts.basic_api.get_by_id(other.id, properties=["jobtitle"]).id == made.id)
    contacts.batch_api.archive(BatchInputSimplePublicObjectId(inputs=[SimplePublicObjectId(made.id)]))
    gone = contacts.basic_api.get_page(archived=True)
    report.check("what was archived is listed so", [one.id for one in gone.results] == [made.id] and gone.results[0].archived_at is not None)
    report.raises("and is 404 else", lambda: contacts.basic_api.get_by_id(made.id), lambda error: error.status == 404)


def reading(client, standin):
    standin.admin("seed", kind="companies", count=250)
    page, ids = client.crm.companies.basic_api.get_page(limit=100), []
    while True:
        ids += [one.id for one in page.results]
        if not page.paging:
            break
        page = client.crm.companies.basic_api.get_page(limit=100, after=page.paging.next.after)
    report.check("three pages list 250 companies once each", len(ids) == len(set(ids)) == 250)
    names = {one.name: one for one in client.crm.properties.core_api.get_all("contacts").results}
    report.check("properties are described", names["email"].has_unique_value and names["lifecyclestage"].options[1].value == "lead")
    report.check("owners are listed", len(client.crm.owners.owners_api.get_page().results) == 3)
    contact = client.crm.contacts.basic_api.create(SimplePublicObjectInputForCreate(properties={"email": "link@standin.example"}, associations=[]))
    client.crm.associations.v4.basic_api.create_default("contacts", contact.id, "companies", ids[0])
    linked = client.crm.associations.v4.batch_api.get_page(
        "contacts", "companies", BatchInputPublicFetchAssociationsBatchRequest(inputs=[PublicFetchAssociationsBatchRequest(id=contact.id)]))
    report.check("a contact is linked to a company", str(linked.results[0].to[0].to_object_id) == ids[0])
    labelling(client.crm.associations.v4, contact.id, ids[0])


def labelling(links, contact, company):
    """An account's own label on a link: made, put on, taken off; and then the link's end."""
    made = links.schema.definitions_api.create("contacts", "companies", PublicAssociationDefinitionCreateRequest(label="Champion", name="champion"))
    number = next(one.type_id for one in links.schema.definitions_api.get_all("contacts", "companies").results if one.label == "Champion")
    report.check("a label is made in both directions", len(made.results) == 2 and number in [one.type_id for one in made.results])

    def present():
        asked = BatchInputPublicFetchAssociationsBatchRequest(inputs=[PublicFetchAssociationsBatchRequest(id=contact)])
        return [(str(one.to_object_id), {spec.label for spec in one.association_types}) for result in
                links.batch_api.get_page("contacts", "companies", asked).results for one in result.to]
    spec = [AssociationSpec(association_category="USER_DEFINED", association_type_id=number)]
    pair = PublicAssociationMultiPost(types=spec, _from=PublicObjectId(contact), to=PublicObjectId(company))
    links.batch_api.create("contacts", "companies", BatchInputPublicAssociationMultiPost(inputs=[pair]))
    report.check("a label is put on beside the plain link", present() == [(company, {None, "Champion"})], present())
    links.batch_api.archive_labels("contacts", "companies", BatchInputPublicAssociationMultiPost(inputs=[pair]))
    report.check("a label is taken off and the link stays", present() == [(company, {None})], present())
    ended = PublicAssociationMultiArchive(_from=PublicObjectId(contact), to=[PublicObjectId(company)])
    links.batch_api.archive("contacts", "companies", BatchInputPublicAssociationMultiArchive(inputs=[ended]))
    report.check("a link is ended", present() == [], present())


def listing(client, standin):
    """Lists and who stands on them, by the client's own names of both."""
    contacts = [standin.admin("create", kind="contacts", records=[{"email": f"list{number}@standin.example", "lifecyclestage": "customer"}])["ids"][0]
                for number in range(3)]
    lists, memberships = client.crm.lists.lists_api, client.crm.lists.memberships_api
    made = lists.create(ListCreateRequest(object_type_id="0-1", processing_type="MANUAL", name="VIP")).list
    computed = standin.admin("lists", name="Customers", processing="DYNAMIC", rule=["lifecyclestage", "customer"])["list"]
    for number in range(40):
        standin.admin("lists", name=f"List {number}", kind="companies", processing="SNAPSHOT")
    page, found = lists.do_search(ListSearchRequest(count=25, offset=0, query="", processing_types=["MANUAL", "SNAPSHOT", "DYNAMIC"])), []
    found += page.lists
    while page.has_more:
        page = lists.do_search(ListSearchRequest(count=25, offset=page.offset, query=""))
        found += page.lists
    report.check("two pages tell 42 lists once each", len({one.list_id for one in found}) == len(found) == page.total == 42
                 and {one.object_type_id for one in found} == {"0-1", "0-2"}, len(found))
    changed = memberships.add_and_remove(made.list_id, MembershipChangeRequest(record_ids_to_add=[*contacts, "1"], record_ids_to_remove=[]))
    report.check("who is put on a list is told, and who is not there", changed.records_ids_added == contacts and changed.record_ids_missing == ["1"], changed)
    first = memberships.get_page_ordered_by_added_to_list_date(made.list_id, limit=2)
    rest = memberships.get_page_ordered_by_added_to_list_date(made.list_id, limit=2, after=first.paging.next.after)
    report.check("members are told in the order of joining", [one.record_id for one in first.results + rest.results] == contacts and not rest.paging)
    told = {one.list_id for one in memberships.get_lists("0-1", contacts[0]).results}
    report.check("on which lists a record stands is told", told == {made.list_id, computed}, told)
    changed = memberships.add_and_remove(made.list_id, MembershipChangeRequest(record_ids_to_add=[], record_ids_to_remove=contacts[:1]))
    report.check("and who is taken off", changed.record_ids_removed == contacts[:1])
    report.raises("a computed list is not written",
                  lambda: memberships.add_and_remove(computed, MembershipChangeRequest(record_ids_to_add=contacts, record_ids_to_remove=[])),
                  lambda error: error.status == 400)
    lists.update_name(made.list_id, list_name="Gold")
    report.check("a list has another name and the same id", lists.get_by_id(made.list_id).list.name == "Gold")
    lists.remove(made.list_id)
    report.raises("a deleted list is 404", lambda: memberships.get_page_ordered_by_added_to_list_date(made.list_id), lambda error: error.status == 404)
    lists.restore(made.list_id)
    report.check("and can be called back", len(memberships.get_page_ordered_by_added_to_list_date(made.list_id).results) == 2)


def search(client, groups, after=None, limit=200, sort="hs_object_id"):
    return client.crm.contacts.search_api.do_search(PublicObjectSearchRequest(
        filter_groups=groups, sorts=[{"propertyName": sort, "direction": "ASCENDING"}], properties=["email"], limit=limit, after=after))


def searching(client, standin):
    stamp = 1_793_503_817_883
    standin.admin("seed", kind="contacts", count=25_000, stamp=stamp)
    equal = Filter(property_name="lastmodifieddate", operator="EQ", value=str(stamp))
    report.raises("beyond 10,000 results a search is 400", lambda: search(client, [FilterGroup(filters=[equal])], after=9_900, limit=200),
                  lambda error: error.status == 400)
    ids, last, pages = [], "0", 0
    while True:
        window = FilterGroup(filters=[equal, Filter(property_name="hs_object_id", operator="GT", value=last)])
        found = search(client, [window])
        if not found.results:
            break
        ids += [one.id for one in found.results]
        last, pages = ids[-1], pages + 1
    report.check("25,000 contacts of one stamp are read by their ids in 125 pages", len(set(ids)) == len(ids) == 25_000 and pages == 125)
    first, second = (search(client, [FilterGroup(filters=[equal])], sort="lastmodifieddate", limit=3) for _ in range(2))
    report.check("equal stamps have an order of no meaning", [one.id for one in first.results] != ids[:3] and first.total == second.total)
    standin.admin("faults", add="index-lag=30")
    client.crm.contacts.basic_api.create(SimplePublicObjectInputForCreate(properties={"email": "late@standin.example"}, associations=[]))
    late = FilterGroup(filters=[Filter(property_name="email", operator="EQ", value="late@standin.example")])
    before = search(client, [late]).total
    standin.admin("advance", seconds=31)
    report.check("the index lags and then has it", (before, search(client, [late]).total) == (0, 1))
    standin.admin("faults", clear=True)


def limits(client, standin):
    standin.admin("faults", add="rate-limit=1/search")
    report.raises("too many searches are 429 with Retry-After", lambda: search(client, []),
                  lambda error: error.status == 429 and error.headers["Retry-After"] == "1")
    token = client.oauth.tokens_api.create(grant_type="refresh_token", refresh_token="standin-refresh", client_id="c", client_secret="s")
    second = hubspot.Client.create(access_token=token.access_token, host=standin.url)
    second.config["retry"] = None
    report.check("a token from the refresh token is good for 1,800 s",
                 token.expires_in == 1800 and bool(second.crm.owners.owners_api.get_page().results))
    standin.admin("faults", add="expire-token")
    report.raises("and 401 when it has ended", lambda: second.crm.owners.owners_api.get_page(), lambda error: error.status == 401)
    standin.admin("limits", on=True)
    report.raises("the sixth search of a second is 429", lambda: [search(client, []) for _ in range(6)], lambda error: error.status == 429)
    standin.admin("limits", on=False)


def webhooks(standin):
    standin.admin("deliver", send=False)
    identifier = standin.admin("create", kind="contacts", records=[{"email": "hook@standin.example"}])["ids"][0]
    standin.admin("edit", kind="contacts", ids=[identifier], fields={"phone": "2"})
    batch = standin.admin("deliver", url="https://node.example/hooks", duplicate=2, shuffle=True, send=False)["batches"][0]
    text = "POST" + batch["url"] + batch["body"] + batch["headers"]["X-HubSpot-Request-Timestamp"]
    signed = base64.b64encode(hmac.new(b"standin-webhook-secret", text.encode(), hashlib.sha256).digest()).decode()
    report.check("events come signed, and some twice", signed == batch["headers"]["X-HubSpot-Signature-v3"] and batch["body"].count("eventId") == 4)


def shapes(standin):
    folder = specifications()
    if folder is None:
        return report.skip("shapes by the OpenAPI documents", "LIMN_CRM_SPECS and LIMN_DATASETS name no folder that has them")
    from specification import Specification
    base = "/crm/v3/objects/contacts"
    contacts, links = Specification(folder / "hubspot/contacts.v3.json"), Specification(folder / "hubspot/associations.v4.json")
    newer = Specification(folder / "hubspot/contacts.2026-09.json")
    good = {"email": "shape@standin.example", "firstname": "a"}
    identifier = standin.admin("create", kind="contacts", records=[good | {"email": "x@standin.example"}])["ids"][0]
    company = standin.admin("create", kind="companies", records=[{"name": "c"}])["ids"][0]
    bad = {"inputs": [{"id": "new@standin.example", "idProperty": "email", "properties": {}}, {"id": "x", "idProperty": "email", "properties": {"a": "b"}}]}
    asked = [
        (contacts, "GET", base, f"{base}?limit=2&archived=false&propertiesWithHistory=email", None),
        (contacts, "POST", base, base, {"properties": good}), (contacts, "POST", base, base, {"properties": good}),
        (contacts, "GET", base + "/{contactId}", f"{base}/{identifier}?associations=companies", None),
        (contacts, "PATCH", base + "/{contactId}", f"{base}/{identifier}", {"properties": {"firstname": "b"}}),
        (contacts, "POST", base + "/search", base + "/search", {"limit": 2}),
        (contacts, "POST", base + "/batch/upsert", base + "/batch/upsert", bad), (contacts, "POST", base + "/batch/read", base + "/batch/read", {
            "inputs": [{"id": identifier}, {"id": "1"}], "properties": ["email"], "propertiesWithHistory": ["email"]}),
        (newer, "POST", "/crm/objects/2026-09/{objectType}/batch/upsert", "/crm/objects/2026-09/contacts/batch/upsert", {"inputs": bad["inputs"][:1]}),
        (Specification(folder / "hubspot/properties.v3.json"), "GET", "/crm/v3/properties/{objectType}", "/crm/v3/properties/contacts", None),
        (Specification(folder / "hubspot/crmOwners.v3.json"), "GET", "/crm/v3/owners", "/crm/v3/owners", None),
        (links, "PUT", "/crm/v4/objects/{fromObjectType}/{fromObjectId}/associations/default/{toObjectType}/{toObjectId}",
         f"/crm/v4/objects/contacts/{identifier}/associations/default/companies/{company}", None),
        (links, "GET", "/crm/v4/objects/{objectType}/{objectId}/associations/{toObjectType}",
         f"/crm/v4/objects/contacts/{identifier}/associations/companies", None),
        (links, "POST", "/crm/v4/associations/{fromObjectType}/{toObjectType}/batch/read", "/crm/v4/associations/contacts/companies/batch/read",
         {"inputs": [{"id": identifier}, {"id": "1"}]}),
    ]
    for specification, method, template, path, body in asked:
        status, _, answer = http(method, standin.url + path, body, TOKEN)
        # The document knows no null, but what is defined and empty comes back as null.
        for one in (answer.get("results", [answer]) if isinstance(answer, dict) else []):
            one["properties"] = {name: value for name, value in one.get("properties", {}).items() if value is not None}
        faults = specification.faults(method, template, status, answer)
        report.check(f"{method} {template} {status} has the shape of the document", not faults, "; ".join(faults[:3]))


with Running("hubspot", "--no-limits") as running:
    hubspot_client = hubspot.Client.create(access_token="pat-standin", host=running.url)
    hubspot_client.config["retry"] = None
    writing(hubspot_client)
    reading(hubspot_client, running)
    listing(hubspot_client, running)
    limits(hubspot_client, running)
    searching(hubspot_client, running)
    webhooks(running)
    shapes(running)
finish(report)

"""HubSpot's object types and their properties, as `GET /crm/v3/properties/{objectType}` describes them.

All values are strings, also of numbers and booleans; an empty string clears. Enumerations take only their options.
"""

import re

from ..clock import utc_ms
from .errors import InvalidProperties

# Names of an object type in paths: plural, singular, and HubSpot's numbers.
TYPES = {
    "contacts": ("contact", "0-1"), "companies": ("company", "0-2"), "deals": ("deal", "0-3"), "tickets": ("ticket", "0-5"),
    "calls": ("call", "0-48"), "emails": ("email", "0-49"),
}
ALIASES = {alias: name for name, aliases in TYPES.items() for alias in (name, *aliases)}
# Contacts have a property of their own for the stamp by which a search finds changes.
STAMPS = {name: "lastmodifieddate" if name == "contacts" else "hs_lastmodifieddate" for name in TYPES}
DEFAULTS = {
    "contacts": ["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"],
    "companies": ["createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"],
    "deals": ["amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id", "pipeline"],
    "tickets": ["content", "createdate", "hs_lastmodifieddate", "hs_object_id", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority", "subject"],
    "calls": ["hs_createdate", "hs_lastmodifieddate", "hs_object_id"],
    "emails": ["hs_createdate", "hs_lastmodifieddate", "hs_object_id"],
}
STAGES = ["subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist", "other"]
_LEADS = ["NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL", "UNQUALIFIED", "ATTEMPTED_TO_CONTACT", "CONNECTED", "BAD_TIMING"]
_INDUSTRIES = ["COMPUTER_SOFTWARE", "FINANCIAL_SERVICES", "HOSPITAL_HEALTH_CARE", "MEDICAL_DEVICES", "RETAIL", "MACHINERY"]
_DEALS = ["appointmentscheduled", "qualifiedtobuy", "presentationscheduled", "decisionmakerboughtin", "contractsent", "closedwon", "closedlost"]
# name: type and field type, or the options of an enumeration; a mark `!` is unique, `=` is only read.
_TEXT, _PHONE, _NUMBER, _DATE, _TIME, _OWNER = "string/text", "phone_number/phonenumber", "number/number", "date/date", "datetime/date", "enumeration/select"
_SHARED = {"hs_object_id=": _NUMBER, "createdate=": _TIME, "hs_lastmodifieddate=": _TIME, "hubspot_owner_id": _OWNER, "hs_merged_object_ids=": _TEXT}
_ADDRESS = {"address": _TEXT, "city": _TEXT, "state": _TEXT, "zip": _TEXT, "country": _TEXT}
_CALL = {"hs_createdate=": _TIME, "hs_timestamp": _TIME}
DEFINITIONS = {
    "contacts": _SHARED | _ADDRESS | {
        "lastmodifieddate=": _TIME, "firstname": _TEXT, "lastname": _TEXT, "email!": _TEXT, "phone": _PHONE, "mobilephone": _PHONE,
        "company": _TEXT, "jobtitle": _TEXT, "industry": _TEXT, "lifecyclestage": STAGES, "hs_lead_status": _LEADS, "birthday": _TEXT,
        "limn_tags": "enumeration/checkbox", "limn_segments": "enumeration/checkbox", "limn_vip": "bool/booleancheckbox", "limn_completeness": _NUMBER,
    },
    "companies": _SHARED | _ADDRESS | {
        "name": _TEXT, "domain": _TEXT, "phone": _PHONE, "industry": _INDUSTRIES, "numberofemployees": _NUMBER, "annualrevenue": _NUMBER,
        "lifecyclestage": STAGES, "description": _TEXT,
    },
    "deals": _SHARED | {"dealname": _TEXT, "amount": _NUMBER, "closedate": _TIME, "dealstage": _DEALS, "pipeline": ["default"]},
    "tickets": _SHARED | {
        "subject": _TEXT, "content": _TEXT, "hs_pipeline": ["0"], "hs_pipeline_stage": ["1", "2", "3", "4"],
        "hs_ticket_priority": ["LOW", "MEDIUM", "HIGH"],
    },
    "calls": _SHARED | _CALL | {"hs_call_title": _TEXT, "hs_call_body": _TEXT, "hs_call_duration": _NUMBER, "hs_call_direction": ["INBOUND", "OUTBOUND"]},
    "emails": _SHARED | _CALL | {"hs_email_subject": _TEXT, "hs_email_text": _TEXT, "hs_email_direction": ["EMAIL", "INCOMING_EMAIL", "FORWARDED_EMAIL"]},
}


class Property:
    """One property of an object type."""

    def __init__(self, name, type_name, field_type, label=None, options=(), is_unique=False, is_read_only=False, is_own=True, group=None):
        self.name, self.type, self.field_type, self.label = name, type_name, field_type, label or name
        self.options, self.is_unique, self.is_read_only, self.is_own, self.group = list(options), is_unique, is_read_only, is_own, group

    def described(self, stamp):
        """As a `Property` of the OpenAPI document."""
        return {
            "name": self.name, "label": self.label, "type": self.type, "fieldType": self.field_type, "description": "",
            "groupName": self.group or "information", "options": [
                {"label": option, "value": option, "displayOrder": number, "hidden": False} for number, option in enumerate(self.options)],
            "displayOrder": -1, "calculated": False, "externalOptions": self.name == "hubspot_owner_id", "hasUniqueValue": self.is_unique,
            "hidden": False, "hubspotDefined": self.is_own, "formField": not self.is_read_only, "archived": False,
            "createdAt": utc_ms(stamp), "updatedAt": utc_ms(stamp),
            "modificationMetadata": {"archivable": not self.is_own, "readOnlyDefinition": self.is_own, "readOnlyValue": self.is_read_only},
        }

    def fault(self, value):
        """What is wrong with a value, as a code and a text; None where nothing is."""
        if self.is_read_only:
            return "READ_ONLY_VALUE", f"\"{self.name}\" is a read only property; its value cannot be set."
        if value in ("", None):
            return None
        several = value.split(";") if self.field_type == "checkbox" else [value]
        if self.options and any(one not in self.options for one in several):
            return "INVALID_OPTION", f"{value} was not one of the allowed options: {self.options}"
        if self.type == "bool" and value not in ("true", "false"):
            return "INVALID_BOOLEAN", f"{value} was not a valid boolean."
        if self.type == "number" and not re.fullmatch(r"-?\d+(\.\d+)?", value):
            return "INVALID_INTEGER" if value.isdigit() else "INVALID_NUMBER", f"{value} was not a valid number."
        if self.name == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
            return "INVALID_EMAIL", f"Email address {value} is invalid"
        return None


# The options of a property of checkboxes, of which a record may have several.
CHECKBOXES = ["vip", "拜访", "老客户"]


def defined():
    """The properties of all types: type to name to `Property`."""
    found = {}
    for kind, names in DEFINITIONS.items():
        found[kind] = {}
        for marked, form in names.items():
            name = marked.rstrip("!=")
            type_name, field_type = ("enumeration", "select") if isinstance(form, list) else form.split("/")
            found[kind][name] = Property(
                name, type_name, field_type, options=form if isinstance(form, list) else CHECKBOXES if field_type == "checkbox" else (), is_unique="!" in marked, is_read_only="=" in marked)
    return found


def checked(properties, values, held):
    """The values as they are kept. Raises InvalidProperties.

    - held: the record's present values; empty for one that is made.
    """
    details, kept = [], {}
    for name, value in values.items():
        known = properties.get(name)
        value = "" if value is None else value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
        if known is None:
            details.append({"message": f"Property \"{name}\" does not exist", "code": "PROPERTY_DOESNT_EXIST", "context": {"propertyName": [name]}})
            continue
        if fault := known.fault(value):
            details.append({"message": fault[1], "code": fault[0], "context": {"propertyName": [name]}})
            continue
        if name == "lifecyclestage" and _is_backward(held.get(name), value):
            continue
        kept[name] = value.lower() if name == "email" else value
    if details:
        raise InvalidProperties(details)
    return kept


def _is_backward(held, value):
    """A life cycle moves on only, unless it is cleared first: a write that would move it back is dropped without a word (unverified)."""
    return bool(held) and bool(value) and STAGES.index(value) < STAGES.index(held)

"""Salesforce's objects: their fields, ids and the rules that a value has to meet."""

import re

from ..clock import utc_no_colon

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PREFIXES = {"Account": "001", "Contact": "003", "Lead": "00Q", "Opportunity": "006", "Case": "500", "Task": "00T", "User": "005",
            "AccountContactRelation": "07k"}


def _address(name):
    return {f"{name}{part}": 255 for part in ("Street", "City", "State", "PostalCode", "Country")}


# Field to its greatest length; None is a number.
FIELDS = {
    "Account": {"Name": 255, "Phone": 40, "Website": 255, "Industry": 255, "OwnerId": 18, "NumberOfEmployees": None, "AnnualRevenue": None,
                "Description": 32_000} | _address("Billing"),
    "Contact": {"FirstName": 40, "LastName": 80, "Email": 80, "Phone": 40, "MobilePhone": 40, "AccountId": 18, "Title": 128, "Department": 80,
                "LeadSource": 255, "OwnerId": 18, "Birthdate": 10, "Description": 32_000} | _address("Mailing"),
    "Lead": {"FirstName": 40, "LastName": 80, "Company": 255, "Email": 80, "Phone": 40, "MobilePhone": 40, "Status": 255, "LeadSource": 255,
             "Industry": 255, "OwnerId": 18, "IsConverted": 5, "ConvertedContactId": 18} | _address(""),
    "Opportunity": {"Name": 120, "StageName": 255, "CloseDate": 10, "Amount": None, "AccountId": 18, "OwnerId": 18},
    "Case": {"Subject": 255, "Status": 255, "ContactId": 18, "AccountId": 18, "OwnerId": 18},
    "User": {"Name": 121, "Email": 128, "IsActive": 5},
    "AccountContactRelation": {"AccountId": 18, "ContactId": 18, "Roles": 4099, "IsDirect": 5, "IsActive": 5},
    "Task": {"Subject": 255, "Status": 255, "WhoId": 18, "WhatId": 18, "ActivityDate": 10, "OwnerId": 18},
}
# Custom checkboxes: yes or no, and never nothing.
CHECKBOXES = {"Contact": ["Limn_Vip__c"]}
REQUIRED = {"Account": ["Name"], "Contact": ["LastName"], "Lead": ["LastName", "Company"], "Opportunity": ["Name", "StageName", "CloseDate"]}
SYSTEM = ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp", "IsDeleted", "MasterRecordId", "CreatedById", "LastModifiedById")


def long_id(short):
    """The 18 characters of an id of 15: three more that tell which letters are capitals."""
    suffix = ""
    for begin in (0, 5, 10):
        bits = sum(1 << place for place, letter in enumerate(short[begin: begin + 5]) if letter.isupper())
        suffix += "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits]
    return short + suffix


def numbered_id(kind, number):
    digits, rest = "", number + 1
    while rest:
        rest, digit = divmod(rest, 62)
        digits = DIGITS[digit] + digits
    return long_id(PREFIXES[kind] + "5g00000" + digits.rjust(5, "0"))


def is_external(name):
    """Custom fields whose names end in `Id__c` are external ids here; in an organization each is marked so by hand."""
    return name.endswith("Id__c")


def is_field(kind, name):
    """Custom fields of any name exist here: whoever connects an organization makes those that he needs."""
    return name in FIELDS[kind] or name in SYSTEM or name == "Name" or re.fullmatch(r"\w+__c", name) is not None


def fault(kind, values, held=None):
    """What is wrong with values, as `{statusCode, message, fields}`; None where nothing is."""
    for name, value in values.items():
        if not is_field(kind, name) or name in SYSTEM:
            code = "INVALID_FIELD_FOR_INSERT_UPDATE" if name in SYSTEM else "INVALID_FIELD"
            return {"statusCode": code, "message": f"No such column '{name}' on sobject of type {kind}", "fields": [name]}
        if name in CHECKBOXES.get(kind, []) and not isinstance(value, bool):
            return {"statusCode": "INVALID_TYPE_ON_FIELD_IN_RECORD", "message": f"{name}: value not of required type: {value}", "fields": [name]}
        most = FIELDS[kind].get(name, 255)
        if most is not None and isinstance(value, str) and len(value) > most:
            return {"statusCode": "STRING_TOO_LONG", "message": f"{name}: data value too large: (max length={most})", "fields": [name]}
        if name == "Email" and value and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
            return {"statusCode": "INVALID_EMAIL_ADDRESS", "message": f"{name}: invalid email address: {value}", "fields": [name]}
    lacking = [name for name in REQUIRED.get(kind, []) if not values.get(name, (held or {}).get(name))]
    if lacking:
        return {"statusCode": "REQUIRED_FIELD_MISSING", "message": f"Required fields are missing: [{', '.join(lacking)}]", "fields": lacking}
    return None


def described(kind):
    """As `GET /sobjects/{kind}/describe`, cut to what a client needs to choose fields."""
    def one(name, type_name, length=0, is_system=False, is_external_id=False):
        return {"name": name, "label": name, "type": type_name, "length": length, "updateable": not is_system, "createable": not is_system,
                "nillable": name not in REQUIRED.get(kind, []), "custom": name.endswith("__c"), "externalId": is_external_id,
                "unique": is_external_id, "picklistValues": []}
    fields = [one("Id", "id", 18, True), one("IsDeleted", "boolean", 0, True), one("MasterRecordId", "reference", 18, True)]
    fields += [one(name, "datetime", 0, True) for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp")]
    fields += [one(name, "double" if most is None else "reference" if name.endswith("Id") else "email" if name == "Email" else "string", most or 0)
               for name, most in FIELDS[kind].items()]
    fields.append(one("ExternalId__c", "string", 255, False, True))
    return {"name": kind, "label": kind, "keyPrefix": PREFIXES[kind], "createable": True, "updateable": True, "deletable": True, "queryable": True,
            "custom": False, "fields": fields}


def value(system, record, name):
    """A field of a record as a reply has it."""
    own = {
        "Id": lambda: record.id, "CreatedDate": lambda: utc_no_colon(record.created), "SystemModstamp": lambda: utc_no_colon(record.modified),
        "LastModifiedDate": lambda: utc_no_colon(system.edited.get(record.id, record.created)), "IsDeleted": lambda: not record.is_live,
        "MasterRecordId": lambda: record.merged_into, "CreatedById": lambda: system.user, "LastModifiedById": lambda: system.user,
    }.get(name)
    if own:
        return own()
    if name == "Name" and record.kind in ("Contact", "Lead"):
        return " ".join(filter(None, (record.fields.get("FirstName"), record.fields.get("LastName"))))
    return record.fields.get(name, False if name in CHECKBOXES.get(record.kind, []) else None)

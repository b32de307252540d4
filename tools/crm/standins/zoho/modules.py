"""Zoho's modules: their fields and what a value has to be."""

import re

# Field: data type and length. `!` must be given, `=` is only read, `~` is unique by the user's choice.
_STREET = {"Street": "text 250", "City": "text 100", "State": "text 100", "Zip": "text 30", "Country": "text 100"}
_SHARED = {
    "Owner": "ownerlookup 120", "Description": "textarea 32000", "Tag": "text 2000", "Created_Time=": "datetime 120", "Modified_Time=": "datetime 120",
    "Created_By=": "ownerlookup 120", "Modified_By=": "ownerlookup 120", "External_ID~": "text 255",
}


def _address(prefix):
    return {f"{prefix}_{name}": form for name, form in _STREET.items()}


_PERSON = {"Last_Name!": "text 80", "First_Name": "text 40", "Full_Name=": "text 80", "Email": "email 100", "Phone": "phone 50", "Mobile": "phone 30",
           "Lead_Source": "picklist 120"}
MODULES = {
    "Contacts": _PERSON | _SHARED | _address("Mailing") | {
        "Account_Name": "lookup 120", "Title": "text 100", "Department": "text 50", "Date_of_Birth": "date 20",
        "Limn_Vip": "boolean 5", "Limn_Completeness": "integer 9", "Limn_Segments": "multiselectpicklist 2000"},
    "Accounts": {"Account_Name!": "text 200", "Phone": "phone 30", "Website": "website 450", "Industry": "picklist 120", "Employees": "integer 9",
                 "Annual_Revenue": "currency 16"} | _SHARED | {
        "Billing_Street": "text 250", "Billing_City": "text 30", "Billing_State": "text 30", "Billing_Code": "text 30", "Billing_Country": "text 30"},
    "Leads": _PERSON | _SHARED | _STREET | {"Company": "text 200", "Lead_Status": "picklist 120", "Industry": "picklist 120"},
    "Deals": {"Deal_Name!": "text 120", "Stage": "picklist 120", "Amount": "currency 16", "Closing_Date": "date 20", "Account_Name": "lookup 120",
              "Contact_Name": "lookup 120"} | _SHARED,
    "Calls": {"Subject!": "text 255", "Call_Type": "picklist 120", "Call_Start_Time": "datetime 120", "Who_Id": "lookup 120"} | _SHARED,
}
LOOKUPS = {"Account_Name": "Accounts", "Contact_Name": "Contacts", "Who_Id": "Contacts"}
# What an upsert matches by where it names no field, in this order; then the fields that the user made unique.
SYSTEM_UNIQUE = {"Contacts": ["Email"], "Leads": ["Email"], "Accounts": ["Account_Name"], "Deals": ["Deal_Name"]}
_FORMS = {
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+", "date": r"\d{4}-\d\d-\d\d", "datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d|Z)",
}


class Field:
    """One field of a module."""

    def __init__(self, marked, form):
        self.name = marked.rstrip("!=~")
        self.type, length = form.split()
        self.length, self.is_mandatory, self.is_read_only, self.is_unique = int(length), "!" in marked, "=" in marked, "~" in marked

    @property
    def json_type(self):
        return {"integer": "integer", "currency": "double", "lookup": "jsonobject", "ownerlookup": "jsonobject", "boolean": "boolean",
                "multiselectpicklist": "jsonarray"}.get(
            self.type, "jsonarray" if self.name == "Tag" else "string")

    def fault(self, value):
        """The expected type of a value that is not of it; None where it is."""
        if value is None:
            return None
        if self.json_type in ("integer", "double"):
            return None if isinstance(value, (int, float)) and not isinstance(value, bool) else self.json_type
        if self.json_type == "boolean":
            return None if isinstance(value, bool) else "boolean"
        if self.json_type == "jsonobject":
            return None if isinstance(value, (dict, str)) else "jsonobject"
        if self.json_type == "jsonarray":
            return None if isinstance(value, list) else "jsonarray"
        if not isinstance(value, str):
            return "text"
        form = _FORMS.get(self.type)
        return self.type if form and value and not re.fullmatch(form, value) else None

    def described(self, number):
        """As `GET /settings/fields` has it, cut to what a client needs."""
        return {
            "id": str(4150868000000002000 + number), "api_name": self.name, "field_label": self.name.replace("_", " "),
            "display_label": self.name.replace("_", " "), "data_type": self.type, "json_type": self.json_type, "length": self.length,
            "read_only": self.is_read_only, "field_read_only": self.is_read_only, "custom_field": self.is_unique, "visible": True,
            "system_mandatory": self.is_mandatory, "unique": {"casesensitive": "false"} if self.is_unique else {}, "webhook": True,
            "pick_list_values": [], "type": "used", "created_source": "default", "virtual_field": False,
            "lookup": {"module": {"api_name": LOOKUPS[self.name]}, "api_name": self.name} if self.type == "lookup" else {},
        }


def defined():
    return {module: {field.name: field for field in (Field(marked, form) for marked, form in fields.items())} for module, fields in MODULES.items()}

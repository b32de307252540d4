internal import ProfileModel

/// Records as Salesforce writes them, and what SOQL needs.
enum SalesforceRecord {
    /// The external id field that carries our id.
    static func ourIDName(_ object: MappedObject) -> String { object.settings["our-id"] ?? "LimnId__c" }

    /// What is asked of a record.
    static func names(_ object: MappedObject) -> [String] {
        var names = ["Id", "SystemModstamp", "IsDeleted", "MasterRecordId"]
        if !object.isEvent { names.append(ourIDName(object)) }
        for name in object.ownNames + object.associations.map(\.name) where !names.contains(name) { names.append(name) }
        // Not all objects can be merged, and those that cannot have no such field.
        return object.settings["has-master"] == "no" ? names.filter { $0 != "MasterRecordId" } : names
    }

    /// A time as SOQL reads it; stamps are whole seconds.
    static func time(_ microseconds: Int64) -> String {
        Timestamp.text(microseconds: Int64((Double(microseconds) / 1_000_000).rounded(.down)) * 1_000_000)
    }

    /// A text in SOQL: `\'` and `\\` are all that could end it.
    static func quoted(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }

    /// - Throws: `crm.unreadable-answer`.
    static func read(_ document: JSONPlace, _ properties: ReadProperties) throws(ConnectorError) -> RemoteRecord {
        let row = properties.members
        row.take(document)
        guard let id = row["Id"].text, !id.isEmpty else { throw .unreadable("Id") }
        var record = RemoteRecord(id: id, stamp: RemoteTime.microseconds(row["SystemModstamp"]))
        record.version = record.stamp.map(String.init)
        record.ourID = row[ourIDName(properties.object)].text
        record.fields = properties.fields { name, isList in
            guard let value = row.member(name)?.value else { return nil }
            // Several values of a picklist stand in one text.
            return isList ? .list((value.text ?? "").split(separator: ";").map(String.init)) : RemoteValue(value)
        }
        record.associations = properties.object.lookups { row.member($0)?.value }
        return record
    }

    /// The body of a collection; what is made is named by our id, what is changed by the system's.
    static func collection(_ operations: ArraySlice<PushOperation>, _ object: MappedObject) -> JSON {
        let numbers = Set(object.properties.filter { [.number, .money].contains($0.form.kind) }.map(\.remote))
        let records = operations.map { operation -> JSON in
            var members: [String: JSON] = ["attributes": ["type": .string(object.name)]]
            for (name, value) in operation.ownFields.merging(operation.lookups, uniquingKeysWith: { $1 }) {
                let document: JSON = numbers.contains(name) ? .number(value.texts.first ?? "")
                    : value.texts.count > 1 ? .string(value.texts.joined(separator: ";")) : object.document(.text(value.texts.first ?? ""), of: name)
                members[MappedRESTSystem.path(name)] = value.isEmpty ? .null : document
            }
            if let id = operation.remoteID { members["Id"] = .string(id) } else { members[ourIDName(object)] = .string(operation.ourID) }
            return .object(members)
        }
        return ["allOrNone": false, "records": .array(records)]
    }
}

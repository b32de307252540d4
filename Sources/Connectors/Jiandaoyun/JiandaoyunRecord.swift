internal import ProfileModel

/// Rows as 简道云 writes them: values are bare when read, and wrapped when written.
enum JiandaoyunRecord {
    private static let dayMicroseconds: Int64 = 86_400_000_000

    /// The condition that a row was changed on the day before a time or later: days are of the account's time zone.
    static func changed(since: Int64) -> JSON {
        let day = JSON.string(Timestamp.dateText(microseconds: since - dayMicroseconds))
        return ["rel": "and", "cond": [["field": "updateTime", "type": "datetime", "method": "range", "value": [day, .null]]]]
    }

    /// - Throws: `crm.unreadable-answer`.
    static func read(_ document: JSON, _ object: MappedObject) throws(ConnectorError) -> RemoteRecord {
        guard let id = document["_id"].text, !id.isEmpty else { throw .unreadable("_id") }
        var record = RemoteRecord(id: id, stamp: RemoteTime.microseconds(document["updateTime"]))
        record.version = record.stamp.map(String.init)
        record.ourID = object.path("our-id").flatMap { document.value(at: $0).text }.flatMap { $0.isEmpty ? nil : $0 }
        for field in object.properties {
            let path = MappedRESTSystem.path(field.remote)
            guard document.holds(String(path.prefix { $0 != "." })) else { continue }
            let value = document.value(at: path)
            // A person among values has a name.
            record.fields[field.remote] = value["name"].text.map(RemoteValue.text) ?? RemoteValue(value)
        }
        record.associations = object.lookups { document.holds($0) ? document[$0] : nil }
        return record
    }

    /// The values, each within its widget: `{"_widget_1": {"value": …}}`.
    ///
    /// - Parameter ourIDName: the widget for our id; nil for a record that is there already.
    static func wrapped(_ operation: PushOperation, _ object: MappedObject, ourIDName: String?) -> JSON {
        var document = JSON.object([:])
        for (name, value) in operation.fields {
            let path = MappedRESTSystem.path(name), widget = path.prefix { $0 != "." }
            // Other parts are written as parts; a member is written as the bare username.
            let part = path.dropFirst(widget.count)
            document.put(object.document(value, of: name), at: "\(widget).value\(part == ".username" ? "" : part)"[...])
        }
        for (name, value) in operation.lookups { document.put(value.document, at: "\(name).value"[...]) }
        if let ourIDName { document.put(.string(operation.ourID), at: "\(ourIDName).value"[...]) }
        return document
    }
}

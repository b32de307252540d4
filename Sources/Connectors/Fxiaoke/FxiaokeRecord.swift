/// Records as 纷享销客 writes them.
enum FxiaokeRecord {
    /// The field that carries our id.
    static func ourIDName(_ object: MappedObject) -> String { object.settings["our-id"] ?? "limn_id__c" }

    /// What is asked of a record.
    static func names(_ object: MappedObject) -> [String] {
        var names = ["_id", "last_modified_time", "life_status"]
        if !object.isEvent { names.append(ourIDName(object)) }
        for field in object.properties where !names.contains(MappedRESTSystem.path(field.remote)) { names.append(MappedRESTSystem.path(field.remote)) }
        for name in object.associations.map(\.name) where !names.contains(name) { names.append(name) }
        return names
    }

    /// A condition; its name is spelt otherwise than in an order.
    static func filter(_ name: String, _ operation: String, _ values: [String]) -> JSON {
        ["field_name": .string(name), "operator": .string(operation), "field_values": .array(values.map(JSON.string))]
    }

    /// - Throws: `crm.unreadable-answer`.
    static func read(_ document: JSON, _ object: MappedObject) throws(ConnectorError) -> RemoteRecord {
        guard let id = document["_id"].text, !id.isEmpty else { throw .unreadable("_id") }
        var record = RemoteRecord(id: id, stamp: RemoteTime.microseconds(document["last_modified_time"]))
        record.version = record.stamp.map(String.init)
        record.isArchived = document["life_status"].text == "invalid"
        record.ourID = document[ourIDName(object)].text.flatMap { $0.isEmpty ? nil : $0 }
        for field in object.properties {
            let name = MappedRESTSystem.path(field.remote)
            if document.holds(name) { record.fields[field.remote] = RemoteValue(document[name]) }
        }
        record.associations = object.lookups { document.holds($0) ? document[$0] : nil }
        return record
    }
}

/// Records as HubSpot writes them: all values are texts, an empty text clears.
enum HubSpotRecord {
    private static let merged = "hs_merged_object_ids"

    /// The property that carries our id.
    static func ourIDName(_ object: MappedObject) -> String { object.settings["our-id"] ?? "limn_id" }

    /// The property by which changes are found; contacts have one of their own.
    static func stampName(_ object: MappedObject) -> String { object.name == "contacts" ? "lastmodifieddate" : "hs_lastmodifieddate" }

    /// What is asked of a record.
    static func names(_ object: MappedObject) -> [String] {
        var names = [stampName(object), merged]
        if !object.isEvent { names.append(ourIDName(object)) }
        for name in object.ownNames where !names.contains(name) { names.append(name) }
        return names
    }

    /// A page of what has changed since a time, in the order of ids and beyond one of them.
    static func search(_ object: MappedObject, since: Int64, after last: String?) -> JSON {
        var filters: [JSON] = [["propertyName": .string(stampName(object)), "operator": "GTE", "value": .string(String(since / 1_000))]]
        if let last { filters.append(["propertyName": "hs_object_id", "operator": "GT", "value": .string(last)]) }
        return [
            "filterGroups": [["filters": .array(filters)]], "sorts": [["propertyName": "hs_object_id", "direction": "ASCENDING"]],
            "properties": .array(names(object).map(JSON.string)), "limit": JSON(Int64(HubSpotSystem.searchPage)),
        ]
    }

    /// - Throws: `crm.unreadable-answer`.
    static func read(_ document: JSON, _ read: ReadProperties) throws(ConnectorError) -> RemoteRecord {
        guard let id = document["id"].text, !id.isEmpty else { throw .unreadable("id") }
        let properties = document["properties"], object = read.object
        var record = RemoteRecord(id: id)
        record.stamp = RemoteTime.microseconds(properties[stampName(object)]) ?? RemoteTime.microseconds(document["updatedAt"])
        record.version = record.stamp.map(String.init)
        record.isArchived = document["archived"].flag ?? false
        record.ourID = properties[ourIDName(object)].text.flatMap { $0.isEmpty ? nil : $0 }
        record.mergedIDs = (properties[merged].text ?? "").split(separator: ";").map(String.init)
        record.fields = read.fields { name, isList in
            guard let value = properties.member(name) else { return nil }
            let text = value.text ?? ""
            return text.isEmpty ? .empty : isList ? .list(text.split(separator: ";").map(String.init)) : .text(text)
        }
        return record
    }

    /// An input of a batch; what is made is named by our id.
    static func input(_ operation: PushOperation, _ object: MappedObject) -> JSON {
        let values = operation.ownFields.map { name, value in
            (MappedRESTSystem.path(name), JSON.string(name.hasSuffix("]") ? value.texts.joined(separator: ";") : value.texts.first ?? ""))
        }
        var properties = Dictionary(values) { first, _ in first }
        var members: [String: JSON] = ["objectWriteTraceId": .string(operation.key)]
        if let id = operation.remoteID {
            members["id"] = .string(id)
        } else {
            properties[ourIDName(object)] = .string(operation.ourID)
            members["idProperty"] = .string(ourIDName(object))
            members["id"] = .string(operation.ourID)
        }
        members["properties"] = .object(properties)
        return .object(members)
    }

    /// An error, of a whole request or of one input.
    static func rejection(_ document: JSON, status: Int) -> Rejection {
        let first = document["errors"].items?.first ?? .null
        return Rejection(
            code: first["code"].text ?? document["category"].text ?? String(status), field: first.value(at: "context.propertyName.0").text,
            message: first["message"].text ?? document["message"].text ?? "", trace: document["correlationId"].text)
    }
}

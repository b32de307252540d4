internal import CurlHTTP
internal import ProfileModel

/// Records as Zoho writes them.
enum ZohoRecord {
    /// The unique field that carries our id.
    static func ourIDName(_ object: MappedObject) -> String { object.settings["our-id"] ?? "External_ID" }

    /// A remote name without what stands behind its point: `Account_Name.name` is asked for as `Account_Name`.
    private static func field(_ remote: String) -> String { String(MappedRESTSystem.path(remote).prefix { $0 != "." }) }

    /// What is asked of a record; 50 fields at most.
    static func names(_ object: MappedObject) -> [String] {
        var names = ["Modified_Time"]
        if !object.isEvent { names.append(ourIDName(object)) }
        for field in object.ownNames.map(field) + object.associations.map(\.name) where !names.contains(field) { names.append(field) }
        return names
    }

    /// `If-Modified-Since` is an ISO 8601 time with an offset here and no date of HTTP.
    static func since(_ microseconds: Int64) -> HTTPHeader {
        let seconds = Int64((Double(microseconds) / 1_000_000).rounded(.down)) * 1_000_000
        return HTTPHeader("If-Modified-Since", Timestamp.text(microseconds: seconds).replacing("Z", with: "+00:00"))
    }

    /// - Throws: `crm.unreadable-answer`.
    static func read(_ document: JSON, _ properties: ReadProperties) throws(ConnectorError) -> RemoteRecord {
        guard let id = document["id"].text, !id.isEmpty else { throw .unreadable("id") }
        var record = RemoteRecord(id: id, stamp: RemoteTime.microseconds(document["Modified_Time"]))
        record.version = record.stamp.map(String.init)
        record.ourID = document[ourIDName(properties.object)].text.flatMap { $0.isEmpty ? nil : $0 }
        record.fields = properties.fields { name, _ in
            guard document.holds(field(name)) else { return nil }
            let value = document.value(at: name)
            return value.items.map { .list($0.compactMap { $0["name"].text ?? $0.text }) } ?? RemoteValue(value)
        }
        record.associations = properties.object.lookups { document.holds($0) ? document[$0] : nil }
        return record
    }

    /// A record to be written; what is made carries our id, what is changed the system's.
    static func row(_ operation: PushOperation, _ object: MappedObject) -> JSON {
        let numbers = Set(object.properties.filter { [.number, .money].contains($0.form.kind) }.map(\.remote))
        var row = JSON.object([:])
        for (name, value) in operation.ownFields {
            if MappedRESTSystem.path(name) == "Tag" {
                row.put(.array(value.texts.map { ["name": .string($0)] }), at: "Tag")
                continue
            }
            let document: JSON = value.isEmpty ? .null : numbers.contains(name) ? .number(value.texts[0]) : object.document(value, of: name)
            // A lookup that is emptied is emptied whole.
            row.put(document, at: (document == .null ? field(name) : MappedRESTSystem.path(name))[...])
        }
        for (name, value) in operation.lookups {
            row.put(value.texts.first.map { JSON.object(["id": .string($0)]) } ?? .null, at: name[...])
        }
        if let id = operation.remoteID { row.put(.string(id), at: "id") } else { row.put(.string(operation.ourID), at: ourIDName(object)[...]) }
        return row
    }

    /// What became of one record of a batch.
    static func result(_ item: JSON, of operation: PushOperation) -> PushOutcome.Result {
        let details = item["details"]
        if item["status"].text == "success" { return (details["id"].text ?? operation.remoteID).map { .accepted(id: $0, record: nil) } ?? .unknown }
        let field = details["api_name"].text
        switch item["code"].text {
        case "RECORD_LOCKED", "INTERNAL_ERROR", "TOO_MANY_REQUESTS": return .unknown
        case "RECORD_MODIFIED": return .conflict
        case "INVALID_DATA" where operation.remoteID != nil && (field ?? "id") == "id": return .gone
        case let code: return .rejected(Rejection(code: code ?? "?", field: field, message: item["message"].text ?? ""))
        }
    }
}

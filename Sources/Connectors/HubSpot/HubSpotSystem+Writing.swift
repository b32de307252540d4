internal import CurlHTTP

extension HubSpotSystem {
    func push(_ operations: [PushOperation], to object: MappedObject) throws -> [PushOutcome] {
        let (creates, updates, deletes) = operations.byAction
        if !creates.isEmpty { try provideOurID(object) }
        var outcomes = try pushHalving(creates[...], atMost: Self.batchMaximum) { try batch("upsert", $0, object) }
        // Where only lists change, nothing is written in the record itself.
        let listed = updates.filter { $0.fields.isEmpty && $0.associations.isEmpty && !$0.lists.isEmpty }, keys = Set(listed.map(\.key))
        outcomes += listed.map { PushOutcome(key: $0.key, result: .accepted(id: $0.remoteID ?? "", record: nil)) }
        outcomes += try pushHalving(updates.filter { !keys.contains($0.key) }[...], atMost: Self.batchMaximum) { try batch("update", $0, object) }
        outcomes += try pushHalving(deletes[...], atMost: Self.batchMaximum) { try archive($0, object) }
        return try listing(operations, associating(operations, outcomes, object))
    }

    /// A batch, whose answer may be 207 with results and errors; each carries the trace id that its input had.
    private func batch(_ action: String, _ operations: ArraySlice<PushOperation>, _ object: MappedObject) throws -> BatchReply {
        let inputs = operations.map { HubSpotRecord.input($0, object) }
        let (response, verdict) = try session.send(self) { request(.post, path(object, "/batch/\(action)"), ["inputs": .array(inputs)]) }
        switch verdict {
        case .ok: break
        case .reject(let rejection): return .refused(rejection)
        case .gone where operations.count == 1: return .outcomes(operations.map { PushOutcome(key: $0.key, result: .gone) })
        default: return .refused(Rejection(code: String(response.status)))
        }
        let document = try session.document(response)
        guard let results = document["results"].items else { throw ConnectorError.unreadable(action) }
        var outcomes: [PushOutcome] = []
        for result in results {
            let record = try HubSpotRecord.read(result, ReadProperties(object))
            let key = result["objectWriteTraceId"].text ?? operations.first { $0.remoteID == record.id || $0.ourID == record.ourID }?.key
            if let key { outcomes.append(PushOutcome(key: key, result: .accepted(id: record.id, record: record))) }
        }
        for fault in document["errors"].items ?? [] {
            let named = (fault.value(at: "context.objectWriteTraceId").items ?? []).compactMap(\.text)
            let ids = (fault.value(at: "context.ids").items ?? []).compactMap(\.text)
            for operation in operations where named.contains(operation.key) || operation.remoteID.map(ids.contains) ?? false {
                outcomes.append(PushOutcome(key: operation.key, result: Self.result(fault)))
            }
        }
        return .outcomes(outcomes)
    }

    private static func result(_ fault: JSON) -> PushOutcome.Result {
        switch fault["category"].text {
        case "OBJECT_NOT_FOUND": .gone
        // What may pass: the next sync asks what became of it.
        case "INTERNAL_ERROR", "RATE_LIMITS": .unknown
        default: .rejected(HubSpotRecord.rejection(fault, status: 207))
        }
    }

    private func archive(_ operations: ArraySlice<PushOperation>, _ object: MappedObject) throws -> BatchReply {
        let inputs = operations.compactMap(\.remoteID).map { JSON.object(["id": .string($0)]) }
        let (response, verdict) = try session.send(self) { request(.post, path(object, "/batch/archive"), ["inputs": .array(inputs)]) }
        switch verdict {
        case .ok: return .outcomes(operations.map { PushOutcome(key: $0.key, result: .accepted(id: $0.remoteID ?? "", record: nil)) })
        case .reject(let rejection): return .refused(rejection)
        case .gone: return .outcomes(operations.map { PushOutcome(key: $0.key, result: .gone) })
        default: return .refused(Rejection(code: String(response.status)))
        }
    }

    /// Makes the property that carries our ids, where the account does not have it.
    func provideOurID(_ object: MappedObject) throws {
        if providedObjects.contains(object.name) { return }
        let name = HubSpotRecord.ourIDName(object), properties = "/crm/v3/properties/\(WebAddress.escaped(object.name))"
        let (_, verdict) = try session.send(self) { request(.get, "\(properties)/\(WebAddress.escaped(name))") }
        if verdict == .gone {
            _ = try session.demand(self) {
                request(.post, properties, [
                    "name": .string(name), "label": "Limn id", "type": "string", "fieldType": "text", "hasUniqueValue": true,
                    "groupName": .string(object.settings["our-id-group"] ?? (object.name == "companies" ? "companyinformation" : "contactinformation")),
                ])
            }
        } else if case .reject(let rejection) = verdict {
            throw ConnectorError.refused(rejection)
        }
        providedObjects.insert(object.name)
    }
}

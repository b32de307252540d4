internal import CurlHTTP

/// What is written in an address book: whole cards, over the version that was read.
extension CardDAVSystem {
    /// So many cards are in memory with all that they hold.
    private static let writtenAtOnce = 10

    func push(_ operations: [PushOperation], to object: MappedObject) throws -> [PushOutcome] {
        try operations.pieces(of: CardDAVSystem.writtenAtOnce).flatMap { part in
            let ids = part.compactMap { if case .update(let id) = $0.action { id } else { nil } }
            let present = Dictionary(try cards(ids, keepsLarge: true).map { ($0.id, $0) }) { first, _ in first }
            return try part.map { operation in
                do { return PushOutcome(key: operation.key, result: try push(operation, to: object, present)) } catch let error as ConnectorError
                    where error == .replyLost { return PushOutcome(key: operation.key, result: .unknown) }
            }
        }
    }

    private func push(_ operation: PushOperation, to object: MappedObject, _ present: [String: ReadCard]) throws -> PushOutcome.Result {
        let kind = CardDAVSystem.kind(object), now = session.surroundings.now()
        switch operation.action {
        case .create:
            let version = object.settings["version"] == "4.0" ? "4.0" : "3.0", id = CardAddress.name(operation.ourID)
            let card = try CardRecord.creation(operation, kind, version: version, now: now)
            let (_, verdict) = try put(card, id, HTTPHeader("If-None-Match", "*"))
            switch verdict {
            case .ok: return .accepted(id: id, record: nil)
            case .gone: return .rejected(Rejection(code: "404"))
            case .reject(let rejection) where rejection.code != "no-uid-conflict": return .rejected(rejection)
            // It is there already: then it is ours, and read back like one whose answer was lost.
            default: return try find(ourIDs: [operation.ourID], of: object).isEmpty ? .rejected(Rejection(code: "412")) : .unknown
            }
        case .update(let id):
            guard let found = present[id] else { return .gone }
            switch found.content {
            case .gone: return .gone
            case .unreadable(let rejection): return .rejected(rejection)
            case .card(var card):
                if let version = operation.version, found.version != version { return .conflict }
                CardRecord.change(&card, operation, kind, now: now)
                if !card.isChanged { return .accepted(id: id, record: nil) }
                return result(try put(card, id, found.version.map { HTTPHeader("If-Match", $0) }).verdict, id)
            }
        case .delete(let id):
            let guarding = operation.version.map { [HTTPHeader("If-Match", $0)] } ?? []
            return result(try session.send(self) { request(.delete, id, headers: guarding) }.verdict, id)
        }
    }

    /// Writes a card piece by piece: what stands unchanged in it is in memory once.
    private func put(_ card: VCard, _ id: String, _ guarding: HTTPHeader?) throws -> (response: HTTPResponse, verdict: Verdict) {
        let pieces = card.pieces, length = pieces.reduce(0) { $0 + $1.count }
        return try session.send(self, isRepeatable: false) {
            var place = 0
            var request = request(.put, id, headers: [HTTPHeader("Content-Type", "text/vcard; charset=utf-8")] + (guarding.map { [$0] } ?? []))
            request.body = .stream(length: length) {
                if place == pieces.count { return nil }
                var part: [UInt8] = []
                while place < pieces.count, part.count < 65_536 {
                    part += pieces[place]
                    place += 1
                }
                return part
            }
            return request
        }
    }

    /// The server may keep a card otherwise than it was sent, so it is read again: no answer tells what stands there.
    private func result(_ verdict: Verdict, _ id: String) -> PushOutcome.Result {
        switch verdict {
        case .ok: .accepted(id: id, record: nil)
        case .gone: .gone
        case .reject(let rejection): .rejected(rejection)
        default: .conflict
        }
    }
}

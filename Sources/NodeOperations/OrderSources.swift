public import Causality
internal import ProfileModel
public import ProfileStore

extension Node {
    /// In which order sources are believed where a field's policy is `source-order`.
    public func sourceOrder() throws -> SourceOrder { try store.read { try $0.sourceOrder() } }

    /// Says in which order sources are believed, on every node; nothing takes the order back.
    ///
    /// - Throws: `node.bad-source`, `node.source-twice`.
    public func orderSources(_ sources: [String]) throws -> OperationID? {
        let sources = sources.map(\.trimmingWhitespace)
        for (index, source) in sources.enumerated() {
            if source.isEmpty || source.contains(where: { $0 == ":" || $0.isNewline }) { throw NodeError("node.bad-source", ["source": source]) }
            if sources[..<index].contains(source) { throw NodeError("node.source-twice", ["source": source]) }
        }
        return try operate("fields order") { edition in
            guard try edition.writer.sourceOrder().sources != sources else { return }
            let id = try edition.writer.sourceOrderID()
            try edition.open(id, kind: .sourceOrder)
            let value = sources.isEmpty ? nil : FieldValue.json(SourceOrder(sources).document).bytes
            try edition.write(CellKey(field: FieldID.content.rawValue), value, in: id)
        }.operation
    }
}

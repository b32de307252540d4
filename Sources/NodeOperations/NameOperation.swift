public import Causality
public import ProfileModel
internal import ProfileStore

extension Node {
    /// The operation of this node that a person calls by its id or the last eight or more digits of it.
    ///
    /// - Throws: `node.unknown-operation`, `node.ambiguous-operation`.
    public func operation(named name: String) throws -> OperationID {
        if let id = UniqueID(name) { return id }
        let ending = name.lowercased().replacing("-", with: "")
        guard ending.utf8.count >= 8 else { throw NodeError("node.unknown-operation", ["operation": name]) }
        let found = try store.read { try $0.operations() }.map(\.id)
            .filter { $0.description.replacing("-", with: "").hasSuffix(ending) }
        guard let first = found.first else { throw NodeError("node.unknown-operation", ["operation": name]) }
        if found.count > 1 { throw NodeError("node.ambiguous-operation", ["operation": name]) }
        return first
    }

    /// What fields are called; `life` where records were deleted or restored.
    public func fieldNames(_ fields: [FieldID]) throws -> [FieldID: String] {
        try store.read { reader in
            let known = try FieldInput(reader)
            return Dictionary(
                fields.map { ($0, $0 == .life ? Conflict.lifeName : known.name($0.rawValue)) }, uniquingKeysWith: { first, _ in first })
        }
    }
}

/// Which records of a model an object of a mapping takes, so that one model of a system can be people and organizations here.
///
/// `REMOTE = VALUE|…` finds a record in whose field one of the values stands, `REMOTE != VALUE|…` one in whose field none does. `REMOTE` is
/// a name as fields have it.
public struct MappedCondition: Sendable, Equatable {
    public let remote: String
    public let values: [String]
    /// Whether one of the values has to stand there; else none may.
    public let wantsOne: Bool

    init?(text: String) {
        guard let sign = text.firstIndex(of: "=") else { return nil }
        wantsOne = !text[..<sign].hasSuffix("!")
        remote = text[..<sign].dropLast(wantsOne ? 0 : 1).trimmingBlanks
        values = text[text.index(after: sign)...].split(separator: "|").map { String($0.trimmingBlanks) }.filter { !$0.isEmpty }
        if remote.isEmpty || values.isEmpty { return nil }
    }

    /// Whether it finds a record; nil where the record does not tell the field.
    public func finds(_ record: RemoteRecord) -> Bool? {
        record.fields[remote].map { told in told.texts.contains(where: values.contains) == wantsOne }
    }

    /// What is to stand in the field of a record that is made, so that the condition finds it.
    ///
    /// - Parameter value: what stands there without it.
    public func completed(_ value: RemoteValue?) -> RemoteValue? {
        let texts = value?.texts.filter { !$0.isEmpty } ?? []
        if !wantsOne || texts.contains(where: values.contains) { return value }
        return remote.hasSuffix("]") ? .list(texts + [values[0]]) : .text(values[0])
    }
}

extension MappedObject {
    /// What the system calls the kind of records, where the mapping calls the object otherwise: several objects may divide one model.
    public var model: String { settings["model"] ?? name }

    /// Which records of the model it takes; nil where it takes all that no object before it takes.
    public var condition: MappedCondition? { settings["where"].flatMap(MappedCondition.init(text:)) }
}

extension ConnectorMapping {
    /// The objects that divide a model with one, which is among them, in the order of the mapping.
    public func objects(sharing object: MappedObject) -> [MappedObject] { objects.filter { $0.model == object.model } }

    /// The first of these objects whose condition finds a record; nil where none does, or the record does not tell.
    public func taker(of record: RemoteRecord, among objects: [MappedObject]) -> MappedObject? {
        for object in objects {
            guard let condition = object.condition else { return object }
            guard let isFound = condition.finds(record) else { return nil }
            if isFound { return object }
        }
        return nil
    }

    /// Has all objects of a model ask for what their conditions look at.
    mutating func shareConditions() {
        for index in objects.indices {
            var asked: [String] = []
            for remote in objects(sharing: objects[index]).compactMap(\.condition?.remote) where !asked.contains(remote) { asked.append(remote) }
            objects[index].asked = asked
        }
    }
}

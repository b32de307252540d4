public import Causality
internal import Foundation
public import ProfileModel
internal import ProfileStore

/// Fields that people define: rows of kind `field`, named by their key.
enum CustomField {
    /// The number of the field with this name: the same on every node of the deployment.
    static func id(_ name: String, reader: StoreReader) throws -> FieldID {
        FieldID(rawValue: try reader.naturalID("field", name).low | 1 << 63)
    }

    /// The field that a row defines; nil where this version cannot read it.
    static func read(_ row: StoredRow, reader: StoreReader) throws -> Field? {
        guard let content = row.state.definition, let document = try? JSONSerialization.jsonObject(with: Data(FieldValue.plainText(of: content).utf8)) as? [String: Any],
            let name = document["name"] as? String, let type = (document["type"] as? String).flatMap(FieldType.init(rawValue:)) else { return nil }
        return Field(
            id: try id(name, reader: reader), name: name, type: type, isSet: document["set"] as? Bool ?? false,
            labelEnglish: document["label"] as? String ?? name, labelChinese: document["label_zh"] as? String ?? document["label"] as? String ?? name,
            sensitivity: (document["sensitivity"] as? String).flatMap(Sensitivity.init(rawValue:)) ?? .internal,
            policy: (document["policy"] as? String).flatMap(SurvivorshipPolicy.init(rawValue:)) ?? .latest)
    }

    /// The JSON document that defines a field.
    static func document(_ field: Field) -> String {
        EventDocument.text([
            "name": .text(field.name), "type": .text(field.type.rawValue), "set": .flag(field.isSet), "label": .text(field.labelEnglish),
            "label_zh": .text(field.labelChinese), "sensitivity": .text(field.sensitivity.rawValue), "policy": .text(field.policy.rawValue),
        ])
    }
}

extension Edition {
    /// Whether a field of this name is defined, if only in a form that later versions read; one whose definition was undone is not.
    func isDefined(_ name: String) throws -> Bool { try draft(writer.naturalID("field", name))?.state.definition != nil }

    /// Defines a field where it is not defined yet, on a source's word or the person's.
    func define(_ field: Field, source: String? = nil) throws {
        if try isDefined(field.name) { return }
        let row = try writer.naturalID("field", field.name)
        try open(row, kind: .field)
        let content = FieldValue.json(CustomField.document(field)).bytes
        if let source {
            try write(CellKey(field: FieldID.content.rawValue), content, in: row, source: source)
        } else {
            try write(CellKey(field: FieldID.content.rawValue), content, in: row)
        }
    }
}

extension RowState {
    /// What the row of a field last said that the field is.
    fileprivate var definition: [UInt8]? { cells[CellKey(field: FieldID.content.rawValue)]?.max(by: { $0.header.stamp < $1.header.stamp })?.value }
}

/// What defining a field takes.
public struct FieldDefinition: Sendable {
    public var name: String
    public var type: FieldType
    public var isSet: Bool
    public var label: String?
    public var labelChinese: String?
    public var policy: SurvivorshipPolicy
    public var sensitivity: Sensitivity

    public init(
        name: String, type: FieldType, isSet: Bool = false, label: String? = nil, labelChinese: String? = nil,
        policy: SurvivorshipPolicy = .latest, sensitivity: Sensitivity = .internal
    ) {
        self.name = name
        self.type = type
        self.isSet = isSet
        self.label = label
        self.labelChinese = labelChinese
        self.policy = policy
        self.sensitivity = sensitivity
    }
}

extension Node {
    /// All fields that this node knows.
    public func fields() throws -> FieldInput { try store.read { try FieldInput($0) } }

    /// Defines a field; two nodes that define the same name hold one.
    ///
    /// - Throws: `node.field-exists`, `node.bad-field-name`.
    public func defineField(_ definition: FieldDefinition) throws -> (field: Field, operation: OperationID?) {
        let (field, operation, _) = try operate("fields add \(definition.name)") { edition in
            let fields = try FieldInput(edition.writer)
            let name = try CustomField.checkedName(definition.name)
            let isSystems = name == Conflict.lifeName || name == Conflict.linkName || Conflict.isOfAffiliation(name)
            if isSystems || fields.catalogue[name] != nil || fields.catalogue.field(titled: name) != nil {
                throw NodeError("node.field-exists", ["field": name])
            }
            let field = Field(
                id: try CustomField.id(name, reader: edition.writer), name: name, type: definition.type, isSet: definition.isSet,
                labelEnglish: definition.label ?? name, labelChinese: definition.labelChinese ?? definition.label ?? name,
                sensitivity: definition.sensitivity, policy: definition.policy)
            // A later version may define fields of types that this one cannot read.
            if try edition.isDefined(name) { throw NodeError("node.field-exists", ["field": name]) }
            try edition.define(field)
            return field
        }
        return (field, operation)
    }
}

extension CustomField {
    /// A name of letters, digits, `_`, `-` and `.`, in any script, at most 64 scalars.
    static func checkedName(_ name: String) throws -> String {
        let name = name.trimmingWhitespace
        let isFine = !name.isEmpty && name.unicodeScalars.count <= 64 && name.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || $0.properties.numericType != nil || "_-.".unicodeScalars.contains($0)
        }
        guard isFine else { throw NodeError("node.bad-field-name", ["field": name]) }
        return name
    }
}

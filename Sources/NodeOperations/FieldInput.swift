internal import Causality
internal import NodeEnvironment
public import ProfileModel
internal import ProfileStore
internal import RuleLanguage
internal import StandardForms

/// The fields that a node knows, and how texts become their values.
public struct FieldInput: Sendable {
    public private(set) var catalogue: FieldCatalogue
    private let now: Int64
    private let spreadsheetDates: SpreadsheetDates

    /// The catalogue together with the fields that people defined.
    ///
    /// - Parameter spreadsheetDates: how the numbers of days are counted in what is read.
    init(_ reader: StoreReader, spreadsheetDates: SpreadsheetDates = .since1900) throws {
        self.spreadsheetDates = spreadsheetDates
        catalogue = reader.store.environment.knownFields
        now = reader.store.environment.now().rawValue
        for row in try reader.items(.field) {
            if let field = try CustomField.read(row, reader: reader) { catalogue.add(field) }
        }
    }

    /// The field with this name or label.
    ///
    /// - Throws: `node.unknown-field`, with the nearest known name.
    public func field(_ name: String) throws -> Field {
        if let field = catalogue[name] ?? catalogue.field(titled: name) { return field }
        throw NodeError.unknownField(name, nearest: NearestName.find(name, in: catalogue.names))
    }

    mutating func add(_ field: Field) { catalogue.add(field) }

    /// The reading of a field's values.
    func form(of field: Field) -> StandardForm { StandardForm(of: field, now: now, spreadsheetDates: spreadsheetDates) }

    /// The canonical bytes of a text that a person gave for a field.
    ///
    /// - Throws: a `forms.*` problem, which names the field and the rule.
    func bytes(_ raw: String, for field: Field) throws -> [UInt8] { try form(of: field).read(raw).get() }
}

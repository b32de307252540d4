/// What the fields of a system mean here.
///
/// A mapping is a text of lines whose columns are divided by tabs; `#` begins a comment:
///
/// ```
/// set KEY VALUE
/// object REMOTE-NAME person|organization
/// set KEY VALUE
/// field LOCAL REMOTE [in|out|both] [ignore|clear] [FORM] [manual|remote|local|newest]
/// ```
///
/// Settings before the first object are the system's, others the object's. `LOCAL` is a field of the catalogue. What a `REMOTE` name may
/// be is the system's to say; see the head of its mapping in `peers/crm`. One that ends in a bracket holds several values.
public struct ConnectorMapping: Sendable, Equatable {
    public var settings: [String: String]
    public var objects: [MappedObject]

    public init(settings: [String: String] = [:], objects: [MappedObject] = []) {
        self.settings = settings
        self.objects = objects
    }

    public subscript(object name: String) -> MappedObject? { objects.first { $0.name == name } }
}

/// A kind of records that is kept in step.
public struct MappedObject: Sendable, Equatable {
    /// The system's name of it.
    public var name: String
    /// What its records are here: `person` or `organization`.
    public var kind: String
    public var settings: [String: String]
    public var fields: [MappedField]

    public init(name: String, kind: String, settings: [String: String] = [:], fields: [MappedField] = []) {
        self.name = name
        self.kind = kind
        self.settings = settings
        self.fields = fields
    }

    /// What stands before a record's id in its external id, so that records of two kinds with one number are two.
    public var idPrefix: String { settings["id-prefix"] ?? "" }

    /// The names under which the system is asked for values.
    public var readNames: [String] { fields.filter { $0.direction != .out }.map(\.remote) }

    /// A whole number among the settings.
    public func number(_ key: String, or standard: Int) -> Int { settings[key].flatMap { Int($0) } ?? standard }
}

/// One field on both sides.
public struct MappedField: Sendable, Equatable {
    /// Which way values go.
    public enum Direction: String, Sendable, CaseIterable { case `in`, out, both }

    /// What an empty value does on the other side.
    public enum BlankRule: String, Sendable, CaseIterable { case ignore, clear }

    /// Who is right where a person and the system have both changed the field.
    public enum Authority: String, Sendable, CaseIterable {
        /// A person decides: it is listed as a conflict.
        case manual
        case remote, local
        /// Whose change is the later one.
        case newest
    }

    public var local: String
    public var remote: String
    public var direction: Direction
    public var blank: BlankRule
    public var form: ValueForm
    public var authority: Authority

    /// Whether the system holds several values in it, as its name says by a bracket at its end: `tags[]`.
    public var isList: Bool { remote.hasSuffix("]") }

    public init(
        local: String, remote: String, direction: Direction = .both, blank: BlankRule = .ignore, form: ValueForm = .standard,
        authority: Authority = .manual
    ) {
        self.local = local
        self.remote = remote
        self.direction = direction
        self.blank = blank
        self.form = form
        self.authority = authority
    }
}

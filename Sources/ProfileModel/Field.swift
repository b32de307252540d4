/// The stable number of a field. The catalogue's are small; those that people define have the highest bit set.
public struct FieldID: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static func < (a: FieldID, b: FieldID) -> Bool { a.rawValue < b.rawValue }

    /// Whether people defined it, rather than the catalogue.
    public var isCustom: Bool { rawValue >> 63 == 1 }

    // What the system itself writes.
    public static let life = FieldID(rawValue: 1)
    public static let scope = FieldID(rawValue: 2)
    public static let externalIDs = FieldID(rawValue: 3)
    public static let tags = FieldID(rawValue: 4)
    /// Whether a link's two records are one.
    public static let same = FieldID(rawValue: 5)
    /// The JSON document of an event, a task, a definition, a review item or a model; of a link, why the linker takes its records for one.
    public static let content = FieldID(rawValue: 6)
    /// The two records of a link, in the order of their ids; of an affiliation the person and the organization.
    public static let first = FieldID(rawValue: 7)
    public static let second = FieldID(rawValue: 8)
    /// Whether a task is done; how a review item was decided.
    public static let done = FieldID(rawValue: 9)
    /// The origins of a node.
    public static let origins = FieldID(rawValue: 10)
    /// The name of a node.
    public static let nodeName = FieldID(rawValue: 11)
    /// What an erasure names.
    public static let erased = FieldID(rawValue: 13)
    /// The nodes on which nothing is left of it.
    public static let acknowledged = FieldID(rawValue: 12)

    // Fields of the catalogue that rows other than customers have too.
    /// Of an affiliation the person's title there.
    public static let title = FieldID(rawValue: 171)
    /// Of an affiliation the part that the person has in decisions.
    public static let decisionRole = FieldID(rawValue: 177)
}

/// What a field's values look like.
public enum FieldType: String, Sendable, CaseIterable {
    case text, integer, decimal, money, date, time, boolean, phone, email, url, choice, region, industry, code

    /// The tag of a value that a standard form of this type produces.
    public var tag: FieldValue.Tag {
        switch self {
        case .text, .phone, .email, .url, .choice, .region, .industry, .code: .text
        case .integer: .integer
        case .decimal: .decimal
        case .money: .money
        case .date: .date
        case .time: .time
        case .boolean: .boolean
        }
    }
}

/// How the value shown is chosen where several stand.
public enum SurvivorshipPolicy: String, Sendable, CaseIterable {
    case latest, highest, lowest, longest
    case sourceOrder = "source-order"
}

/// How carefully a field's values are to be handled.
public enum Sensitivity: String, Sendable, CaseIterable, Comparable {
    case `public`, `internal`, personal, sensitive

    public static func < (a: Sensitivity, b: Sensitivity) -> Bool {
        allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
    }
}

/// One field of the catalogue, or one that people defined.
public struct Field: Hashable, Sendable {
    public let id: FieldID
    /// The name that scripts and imports use.
    public let name: String
    public let type: FieldType
    /// Whether several values stand at once and add wins.
    public let isSet: Bool
    /// The kinds of customers that have it.
    public let kinds: Set<RowKind>
    public let labelEnglish: String
    public let labelChinese: String
    /// Other column titles under which an import finds it; `person:` or `organization:` before one limits it to that kind.
    public let aliases: [String]
    public let sensitivity: Sensitivity
    public let policy: SurvivorshipPolicy
    public let rules: [FieldRule]
    /// Whether the store keeps it in a column of its own.
    public let hasColumn: Bool
    /// The heading under which a profile shows it.
    public let section: String

    public init(
        id: FieldID, name: String, type: FieldType, isSet: Bool = false, kinds: Set<RowKind> = [.person, .organization],
        labelEnglish: String, labelChinese: String, aliases: [String] = [], sensitivity: Sensitivity = .internal,
        policy: SurvivorshipPolicy = .latest, rules: [FieldRule] = [], hasColumn: Bool = false, section: String = "custom"
    ) {
        self.id = id
        self.name = name
        self.type = type
        self.isSet = isSet
        self.kinds = kinds
        self.labelEnglish = labelEnglish
        self.labelChinese = labelChinese
        self.aliases = aliases
        self.sensitivity = sensitivity
        self.policy = policy
        self.rules = rules
        self.hasColumn = hasColumn
        self.section = section
    }

    /// The column that holds the shown value, where there is one.
    public var columnName: String? { hasColumn ? name : nil }
}

/// What a value of a field must satisfy beside its type.
public enum FieldRule: Hashable, Sendable {
    /// At most this many Unicode scalars.
    case maximumLength(Int)
    /// A number between both, inclusive.
    case range(Int64, Int64)
    /// One of these names; each is also accepted by its labels.
    case choices([Choice])
    /// A date that is not after today.
    case notInFuture
    /// Letters are written as capitals, as the standard of the code has it.
    case capitals
    /// What looks like a resident identity number satisfies its check digit.
    case residentIdentity
    /// What looks like a unified social credit code satisfies its check characters.
    case creditCode

    /// A name of a choice, and the labels under which it is accepted.
    public struct Choice: Hashable, Sendable {
        public let name: String
        public let labels: [String]

        public init(name: String, labels: [String]) {
            self.name = name
            self.labels = labels
        }
    }
}

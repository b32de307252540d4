/// What a row is: a stable number; numbers that this version does not know are kept and passed on.
public struct RowKind: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static func < (a: RowKind, b: RowKind) -> Bool { a.rawValue < b.rawValue }

    public static let person = RowKind(rawValue: 1)
    public static let organization = RowKind(rawValue: 2)
    /// An order line, a visit, a call, a complaint, a survey answer.
    public static let event = RowKind(rawValue: 3)
    /// Whether two records are one customer.
    public static let link = RowKind(rawValue: 4)
    /// A node of the deployment.
    public static let node = RowKind(rawValue: 5)
    /// The definition of a field beside the catalogue's.
    public static let field = RowKind(rawValue: 6)
    /// What is to be done for a customer.
    public static let task = RowKind(rawValue: 7)
    /// A value that a person should look at, and the decision.
    public static let review = RowKind(rawValue: 8)

    /// What an operation was for, in the words of whoever ran it; a row for each row that it changed.
    public static let message = RowKind(rawValue: 10)
    /// In which order sources are believed.
    public static let sourceOrder = RowKind(rawValue: 11)
    /// That a row is erased for ever, and which nodes have done it.
    public static let erasure = RowKind(rawValue: 12)

    /// What was fitted on all customers and is published, so that every node judges alike.
    public static let model = RowKind(rawValue: 13)

    /// A system outside that is read and written: its address, the node that does so, what its fields mean.
    public static let connector = RowKind(rawValue: 14)

    /// That a person belongs to an organization, and the part that the person has in its decisions.
    public static let affiliation = RowKind(rawValue: 15)

    /// Whether this version knows the kind.
    public var isKnown: Bool { RowKind.names.contains { $0.kind == self } }

    public var isCustomer: Bool { self == .person || self == .organization }

    /// The name that scripts read.
    public var name: String {
        RowKind.names.first { $0.kind == self }?.name ?? "kind-\(rawValue)"
    }

    public init?(name: String) {
        guard let kind = RowKind.names.first(where: { $0.name == name })?.kind else { return nil }
        self = kind
    }

    /// The highest number that this version gave to a kind; later versions go on from there.
    public static let highestKnown = names.map(\.kind).max()!

    private static let names: [(kind: RowKind, name: String)] = [
        (.person, "person"), (.organization, "organization"), (.event, "event"), (.link, "link"), (.node, "node"),
        (.field, "field"), (.task, "task"), (.review, "review"), (.message, "message"), (.sourceOrder, "source-order"),
        (.erasure, "erasure"), (.model, "model"), (.connector, "connector"),
        (.affiliation, "affiliation"),
    ]
}

/// What a system says in one field.
public enum RemoteValue: Hashable, Sendable {
    /// The system knows the field, and nothing stands in it.
    case empty
    case text(String)
    /// Several values, such as the telephone numbers of a party.
    case list([String])

    /// All values of it.
    public var texts: [String] {
        switch self {
        case .empty: []
        case .text(let text): [text]
        case .list(let texts): texts
        }
    }

    /// Whether nothing stands in the field.
    public var isEmpty: Bool { texts.allSatisfy(\.isEmpty) }
}

/// A record of a system, as it was read.
public struct RemoteRecord: Sendable, Equatable {
    /// The system's own id, which never changes.
    public var id: String
    /// When the system last changed it, by the system's clock, in microseconds since 1970; nil where it does not say.
    public var stamp: Int64?
    /// The values of the mapped fields that the system told, by the names that the mapping gives them. What is not there was not told,
    /// and says nothing.
    public var fields: [String: RemoteValue]
    /// Whether it is put away and not gone: archived, inactive, in the bin.
    public var isArchived: Bool
    /// What a guarded write has to show: a version, an ETag.
    public var version: String?
    /// Our id of the record, where it was made here.
    public var ourID: String?
    /// Ids of records that the system has merged into this one.
    public var mergedIDs: [String]

    public init(
        id: String, stamp: Int64? = nil, fields: [String: RemoteValue] = [:], isArchived: Bool = false, version: String? = nil, ourID: String? = nil,
        mergedIDs: [String] = []
    ) {
        self.id = id
        self.stamp = stamp
        self.fields = fields
        self.isArchived = isArchived
        self.version = version
        self.ourID = ourID
        self.mergedIDs = mergedIDs
    }
}

/// What a system says of a record that is no longer there.
public struct RemoteTombstone: Sendable, Equatable {
    public var id: String
    /// When it went, by the system's clock, in microseconds since 1970.
    public var stamp: Int64?
    /// The record into which it was merged.
    public var mergedInto: String?

    public init(id: String, stamp: Int64? = nil, mergedInto: String? = nil) {
        self.id = id
        self.stamp = stamp
        self.mergedInto = mergedInto
    }
}

/// A kind of records that a system has.
public struct RemoteObject: Sendable, Equatable {
    public var name: String
    public var label: String
    public var fields: [RemoteField]

    public init(name: String, label: String, fields: [RemoteField]) {
        self.name = name
        self.label = label
        self.fields = fields
    }
}

/// A field of a kind of records, as the system describes it.
public struct RemoteField: Sendable, Equatable {
    public var name: String
    public var label: String
    /// The type in the system's own words.
    public var type: String
    public var isReadOnly: Bool

    public init(name: String, label: String, type: String, isReadOnly: Bool = false) {
        self.name = name
        self.label = label
        self.type = type
        self.isReadOnly = isReadOnly
    }
}

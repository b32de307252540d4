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
    public var fields: RemoteFields
    /// The records of the mapped associations that the system told, by the names that the mapping gives them: all that there are. What is
    /// not there was not told, and says nothing.
    public var associations: [String: [RemoteAssociation]]
    /// Whether it is put away and not gone: archived, inactive, in the bin.
    public var isArchived: Bool
    /// What a guarded write has to show: a version, an ETag.
    public var version: String?
    /// Our id of the record, where it was made here.
    public var ourID: String?
    /// Ids of records that the system has merged into this one.
    public var mergedIDs: [String]
    /// Why it could not be read, though it is there; then it says nothing.
    public var unreadable: Rejection?

    public init(
        id: String, stamp: Int64? = nil, fields: RemoteFields = RemoteFields(), associations: [String: [RemoteAssociation]] = [:],
        isArchived: Bool = false, version: String? = nil, ourID: String? = nil, mergedIDs: [String] = []
    ) {
        self.id = id
        self.stamp = stamp
        self.fields = fields
        self.associations = associations
        self.isArchived = isArchived
        self.version = version
        self.ourID = ourID
        self.mergedIDs = mergedIDs
    }
}

/// Somebody who works with a system.
public struct RemoteUser: Hashable, Sendable {
    public let id: String
    public let name: String

    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}

/// Another record that belongs to one.
public struct RemoteAssociation: Hashable, Sendable {
    public var id: String
    /// The part in decisions, in the system's words; nil where it tells none.
    public var role: String?

    public init(id: String, role: String? = nil) {
        self.id = id
        self.role = role
    }

    /// What stands in a lookup: an id, an object that has one, a list of either, or nothing.
    static func lookups(_ value: JSON) -> [RemoteAssociation] {
        (value.items ?? [value]).compactMap { $0.text ?? $0["id"].text ?? $0["_id"].text }.filter { !$0.isEmpty }.map { RemoteAssociation(id: $0) }
    }
}

extension MappedObject {
    /// What the lookups of a record hold.
    ///
    /// - Parameter value: what stands under a name; nil where the record does not tell it.
    func lookups(_ value: (_ name: String) -> JSON?) -> [String: [RemoteAssociation]] {
        var found: [String: [RemoteAssociation]] = [:]
        for association in associations { found[association.remote] = value(association.name).map(RemoteAssociation.lookups) }
        return found
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

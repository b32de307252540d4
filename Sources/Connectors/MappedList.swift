/// Lists of a system's records: to stand on one is a tag here.
public struct MappedList: Sendable, Equatable {
    /// The list's name or id in the system; `*` means all that no other line names.
    public var remote: String
    /// The tag; nil means the list's name there, whatever that is now.
    public var tag: String?
    /// `in` or `both`.
    public var direction: MappedField.Direction

    public init(remote: String, tag: String? = nil, direction: MappedField.Direction = .both) {
        self.remote = remote
        self.tag = tag
        self.direction = direction
    }

    /// Whether it means all lists that no other line names.
    public var isAll: Bool { remote == "*" }

    /// The line of a mapping that says it.
    var line: String { ["list", remote, tag ?? "-", direction.rawValue].joined(separator: "\t") }
}

/// A list as a system describes it.
public struct RemoteList: Sendable, Equatable {
    /// The system's own id, which stays when the list gets another name.
    public var id: String
    public var name: String
    /// Whether the system computes who stands on it: such a list is not written.
    public var isComputed: Bool

    public init(id: String, name: String, isComputed: Bool = false) {
        self.id = id
        self.name = name
        self.isComputed = isComputed
    }
}

/// That a record stands on a list.
public struct RemoteMembership: Sendable, Equatable {
    public var record: String
    public var list: String
    /// Since when, by the system's clock, in microseconds since 1970; nil where it does not say.
    public var stamp: Int64?

    public init(record: String, list: String, stamp: Int64? = nil) {
        self.record = record
        self.list = list
        self.stamp = stamp
    }
}

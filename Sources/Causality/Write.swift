/// What all writes of one moment of one operation share: who, when, on whose word, by which command.
///
/// A reference, because many writes share one.
public final class Header: Hashable, Sendable {
    public let stamp: Stamp
    /// The person who wrote, or who ran the import.
    public let author: String
    /// The source that speaks (a file, an ERP, a CRM, the linker); nil where a person does.
    public let source: String?
    public let operation: OperationID
    /// Whether nobody said it: the program concluded it from what is known, and whatever anybody says goes before it.
    public let isInferred: Bool
    private let hash: Int

    /// How the sources are named under which the program writes what it concludes; a colon and the rule follow.
    public static let inferredSource = "inferred"

    public init(stamp: Stamp, author: String, source: String?, operation: OperationID) {
        self.stamp = stamp
        self.author = author
        self.source = source
        self.operation = operation
        isInferred = source.map { $0.utf8.starts(with: Header.inferredSource.utf8) && ($0.utf8.count == 8 || $0.hasPrefix("inferred:")) } ?? false
        var hasher = Hasher()
        hasher.combine(stamp)
        hasher.combine(author)
        hasher.combine(source)
        hasher.combine(operation)
        hash = hasher.finalize()
    }

    public var isPerson: Bool { source == nil }

    public static func == (a: Header, b: Header) -> Bool {
        a === b
            || a.hash == b.hash && a.stamp == b.stamp && a.operation == b.operation
                && a.author.utf8.elementsEqual(b.author.utf8) && equalBytes(a.source, b.source)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(hash) }

    private static func equalBytes(_ a: String?, _ b: String?) -> Bool {
        switch (a, b) {
        case (nil, nil): true
        case (let a?, let b?): a.utf8.elementsEqual(b.utf8)
        default: false
        }
    }
}

/// How a person's write names what it saw and left standing.
public enum Overruling: Hashable, Sendable {
    /// A person's write: by the dot of the original where it is a copy.
    case write(Dot)
    /// A source's statement: the keyed hash of record, source and value.
    case statement(Digest128)
}

/// One write in a cell: a dot with all that it carries.
public struct Write: Hashable, Sendable {
    public let dot: Dot
    public let header: Header
    /// Canonical bytes; nil holds nothing (cleared, or an element that is empty).
    public let value: [UInt8]?
    /// What a person saw and left standing.
    public let overrules: [Overruling]
    /// What a delete saw: the context of its row then. Nil in every other write.
    public let seen: CausalContext?
    /// The dot that this write is a copy of, made by undo; the copy stands for it in lists and delete contexts.
    public let original: Dot?

    public init(
        dot: Dot, header: Header, value: [UInt8]?, overrules: [Overruling] = [], seen: CausalContext? = nil, original: Dot? = nil
    ) {
        self.dot = dot
        self.header = header
        self.value = value
        self.overrules = overrules
        self.seen = seen
        self.original = original
    }

    public var isPerson: Bool { header.isPerson }

    /// The dot by which other writes name this one.
    public var identity: Dot { original ?? dot }

    /// The total order by which ties are broken, the same on every replica: stamp, origin, sequence.
    public static func precedes(_ a: Write, _ b: Write) -> Bool {
        a.header.stamp != b.header.stamp ? a.header.stamp < b.header.stamp : a.dot < b.dot
    }
}

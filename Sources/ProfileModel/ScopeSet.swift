/// The territories that a node holds: subtrees of names such as `cn/east/shanghai`.
///
/// Every node holds `shared` beside them: nodes, definitions and all else that belongs to no customer.
public struct ScopeSet: Hashable, Sendable {
    /// The territory that holds all others, and the scope of customers that were never given one.
    public static let root = "/"
    /// The scope that all nodes hold. No territory can have this name.
    public static let shared = "*"

    /// Everything.
    public static let whole = ScopeSet([root])
    /// Nothing but what all nodes hold.
    public static let nothing = ScopeSet([])

    /// The tops of the subtrees, none within another, in the order of their bytes.
    public let names: [String]

    /// The subtrees with these tops; `shared` may be named and adds nothing.
    public init(_ names: some Sequence<String>) {
        var kept: [String] = []
        for name in Set(names).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) where name != ScopeSet.shared {
            if !kept.contains(where: { ScopeSet.isWithin(name, $0) }) { kept.append(name) }
        }
        self.names = kept.contains(ScopeSet.root) ? [ScopeSet.root] : kept
    }

    /// What a message says: nothing stands for everything, `shared` alone for nothing but what all hold.
    public init(told names: [String]) { self.init(names.isEmpty ? [ScopeSet.root] : names) }

    /// What a message says; see `init(told:)`.
    public var told: [String] { isWhole ? [] : names.isEmpty ? [ScopeSet.shared] : names }

    public var isWhole: Bool { names.first == ScopeSet.root }

    /// Whether rows of a scope belong here: names are compared as bytes, on the boundaries between their parts.
    public func holds(_ scope: String) -> Bool {
        scope == ScopeSet.shared || names.contains { ScopeSet.isWithin(scope, $0) }
    }

    /// Whether all that the other holds is held here too.
    public func holds(_ other: ScopeSet) -> Bool { other.names.allSatisfy { holds($0) } }

    /// What both hold.
    public func intersection(_ other: ScopeSet) -> ScopeSet {
        ScopeSet(names.filter { other.holds($0) } + other.names.filter { holds($0) })
    }

    /// Whether a territory is another one or stands below it.
    static func isWithin(_ scope: String, _ top: String) -> Bool {
        if top == root { return true }
        let scope = scope.utf8, top = top.utf8
        guard scope.starts(with: top) else { return false }
        return scope.count == top.count || scope[scope.index(scope.startIndex, offsetBy: top.count)] == UInt8(ascii: "/")
    }
}

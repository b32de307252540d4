public import Causality
public import NodeEnvironment
internal import ProfileModel
public import ProfileStore

/// A node at work: a store, and the person on whose word it is changed.
///
/// Each use case is an extension in a file of its own; commands, server and simulator change data through nothing lower.
public struct Node: Sendable {
    public let store: ProfileStore
    /// Who writes.
    public let author: String
    /// Stops long work between two of its slices when it answers true.
    public let isCancelled: @Sendable () -> Bool

    public init(store: ProfileStore, author: String, isCancelled: @escaping @Sendable () -> Bool = { false }) {
        self.store = store
        self.author = author
        self.isCancelled = isCancelled
    }

    public var environment: any NodeEnvironment { store.environment }

    /// What founding a node says of it.
    public struct Founded: Sendable {
        public let node: RowID
        public let origin: Origin
        public let name: String
        public let deployment: UniqueID
        public let scopes: [String]
        public let home: String
    }

    /// Makes a node of a new deployment, or of one that exists.
    ///
    /// - Parameters:
    ///   - deployment: the deployment and its hash key; nil makes a new one.
    ///   - scopes: what the node holds; nothing means everything.
    ///   - isAuthorKept: whether the author writes here too where a later command names none.
    /// - Throws: `store.exists`, `node.bad-name`, `node.bad-scope`, `store.cannot-create`.
    public static func found(
        home: String, name: String, author: String, deployment: Deployment? = nil, scopes: [String] = [],
        isAuthorKept: Bool = true, environment: any NodeEnvironment = SystemEnvironment()
    ) throws -> (node: Node, founded: Founded) {
        let name = name.trimmingWhitespace
        guard !name.isEmpty, name.utf8.count <= 100, !name.contains(where: { $0.isNewline || $0 == ":" }) else {
            throw NodeError("node.bad-name")
        }
        let scopes = try scopes.isEmpty ? [StoreWriter.rootScope] : scopes.map(Scope.checked)
        let deployment = deployment ?? Deployment(id: environment.newID())
        let id = environment.newID()
        let store = try ProfileStore.create(
            at: home,
            founding: .init(deployment: deployment.id, key: deployment.key, node: id, name: name, author: isAuthorKept ? author : nil, scopes: scopes),
            environment: environment)
        let node = Node(store: store, author: author)
        try node.describe()
        let origin = try store.read { try $0.node().origin }
        return (node, Founded(node: id, origin: origin, name: name, deployment: deployment.id, scopes: scopes, home: home))
    }

    /// Opens the node in a folder.
    ///
    /// - Parameters:
    ///   - author: who writes; nil takes the author that founding kept, then `user`, then the node's name.
    ///   - user: the system's user.
    /// - Throws: `store.missing`, `store.schema-too-new`, `store.damaged`, `store.busy`; where an earlier version left secrets in the store,
    ///   `security.keys-*`.
    public static func open(
        home: String, author: String?, user: String? = nil, environment: any NodeEnvironment = SystemEnvironment(),
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> Node {
        let store = try ProfileStore.open(at: home, environment: environment)
        let author = try author ?? store.read { try $0.node().author ?? user ?? $0.node().name }
        let node = Node(store: store, author: author, isCancelled: isCancelled)
        try node.moveLeftSecrets()
        return node
    }

    /// Writes the row that tells other nodes this node's name and origins.
    private func describe() throws {
        try store.write { writer in
            let node = try writer.node()
            let edition = try Edition(writer, author: author, operation: environment.newID())
            try edition.open(node.id, kind: .node)
            try edition.write(CellKey(field: FieldID.nodeName.rawValue), FieldValue.bytes(text: node.name), in: node.id)
            for life in try writer.lives() {
                try edition.write(
                    CellKey(field: FieldID.origins.rawValue, element: FieldValue.bytes(text: life.origin.description)),
                    FieldValue.bytes(text: life.machine), in: node.id)
            }
            _ = try edition.commit()
        }
    }
}

/// A deployment: the nodes that replicate with one another, and the key of their hashes.
public struct Deployment: Sendable {
    public let id: UniqueID
    public let key: HashKey

    public init(id: UniqueID, key: HashKey) {
        self.id = id
        self.key = key
    }

    /// The deployment with this id and the key that follows from it, so that nodes that were given the id alone agree.
    ///
    /// - Privacy: whoever knows the id can make the key.
    public init(id: UniqueID) {
        var hash = SipHash128(key: HashKey(first: id.high, second: id.low))
        hash.update("limn deployment key")
        let digest = hash.finalize()
        self.init(id: id, key: HashKey(first: digest.high, second: digest.low))
    }
}

/// Names of territories such as `cn/east/shanghai`; `/` is the root of all.
enum Scope {
    /// - Throws: `node.bad-scope` where the name is not of lower-case words, digits and Han characters between slashes.
    static func checked(_ name: String) throws -> String {
        if name == StoreWriter.rootScope { return name }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isFine = name.utf8.count <= 200 && parts.allSatisfy { part in
            !part.isEmpty && part.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "-" || $0 == "_" }
        }
        guard isFine else { throw NodeError("node.bad-scope", ["scope": name]) }
        return name
    }
}

extension String {
    /// Whether there is nothing but white space.
    var isBlank: Bool {
        if unicodeScalars.first?.isPlain == true { return false }
        return allSatisfy(\.isWhitespace)
    }

    /// Without white space at either end.
    var trimmingWhitespace: String {
        if let first = utf8.first, let last = utf8.last, first > 0x20, first < 0x7F, last > 0x20, last < 0x7F { return self }
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(self[first...last])
    }
}

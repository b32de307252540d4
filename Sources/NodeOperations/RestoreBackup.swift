public import Causality
public import NodeEnvironment
internal import ProfileStore

extension Node {
    /// Puts a backup in the place of the node in a folder, and tells the other nodes of the new origin with the next sync.
    ///
    /// - Returns: the node, the origin under which it writes from here on, and where the store that was there went.
    /// - Throws: `store.no-such-file`, `store.not-a-backup`, `store.schema-too-new`.
    public static func restore(
        _ file: String, to home: String, author: String?, environment: any NodeEnvironment = SystemEnvironment()
    ) throws -> (node: Node, origin: Origin, aside: String?) {
        let (store, aside) = try ProfileStore.restore(file, to: home, environment: environment)
        let own = try store.read { try $0.node() }
        let node = Node(store: store, author: author ?? own.author ?? own.name)
        try node.moveLeftSecrets()
        return (node, own.origin, aside)
    }
}

internal import Causality
internal import ProfileModel
internal import ProfileStore
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The right to a round with one system outside: of all processes of a node one has it, until it lets go or ends.
///
/// Two rounds at once would make a record twice.
final class RoundTurn {
    private let descriptor: Int32

    /// - Throws: `crm.busy` where another has it.
    init(_ connector: UniqueID, of node: Node, _ name: String) throws {
        let path = "\(node.store.home)/limn.crm-\(connector).lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw NodeError("store.read-only", ["path": path, "reason": String(cString: strerror(errno))], retry: .afterSomeoneActs)
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw NodeError("crm.busy", ["name": name], retry: .afterBackOff) }
    }

    deinit { close(descriptor) }
}

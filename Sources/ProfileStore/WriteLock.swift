internal import ProfileModel
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The one advisory lock under which every process commits and checkpoints.
///
/// SQLite before 3.51.3 can corrupt a store when a checkpoint resets the log while another connection commits; no two
/// of either run at once under this lock. Threads of one process are already in a row on the store's writer.
final class WriteLock: Sendable {
    private let descriptor: Int32

    /// Opens the lock's file, making it where it is absent.
    init(path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor < 0 {
            throw StoreError("store.read-only", ["path": path, "reason": String(cString: strerror(errno))], retry: .afterSomeoneActs)
        }
    }

    deinit { close(descriptor) }

    /// Runs `body` while no other process commits or checkpoints.
    ///
    /// - Throws: `store.busy` after `timeoutMilliseconds` of waiting.
    func withLock<T>(timeoutMilliseconds: Int = 60_000, _ body: () throws -> T) throws -> T {
        var waited = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR, waited < timeoutMilliseconds else {
                throw StoreError("store.busy", ["reason": String(cString: strerror(errno))], retry: .afterBackOff)
            }
            let pause = min(20, 1 + waited / 10)
            usleep(UInt32(pause) * 1000)
            waited += pause
        }
        defer { flock(descriptor, LOCK_UN) }
        return try body()
    }
}

internal import Foundation
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The secrets of a node by name, in a file of its own beside the store: no backup and no copy of the store holds them.
///
/// The file is its owner's alone (mode 0600); one that others can read is refused. A change writes a new file, waits until it is on
/// disk and puts it in the place of the old one, so that a crash leaves the one or the other. Processes take turns by a lock on the
/// folder. The file is a JSON object, `{"format":1,"secrets":{"NAME":"TEXT"}}`.
///
/// - Privacy: errors name the file, never what is in it.
public struct KeyStore: Sendable {
    public let path: String

    private struct Document: Codable {
        var format = 1
        var secrets: [String: String]
    }

    private static let bytesMaximum = 16 << 20

    /// - Parameter path: of the file, which may not be there yet.
    public init(path: String) { self.path = path }

    /// The secret of a name; nil where there is none.
    ///
    /// - Throws: `security.keys-open`, `security.keys-unreadable`, `security.keys-damaged`.
    public func secret(_ name: String) throws(SecurityError) -> String? { try secrets()[name] }

    /// All secrets by name.
    ///
    /// - Throws: as `secret`.
    public func secrets() throws(SecurityError) -> [String: String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return [:] }
            throw .keysUnreadable(path: path, reason: reason())
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .keysUnreadable(path: path, reason: reason()) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .keysDamaged(path: path) }
        guard status.st_mode & 0o077 == 0 else { throw .keysOpen(path: path) }
        guard status.st_size <= Self.bytesMaximum else { throw .keysDamaged(path: path) }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size)), count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + count, $0.count - count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .keysUnreadable(path: path, reason: reason()) }
            if got == 0 { break }
            count += got
        }
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes.prefix(count))), document.format == 1 else {
            throw .keysDamaged(path: path)
        }
        return document.secrets
    }

    /// Changes the secrets; what the body throws leaves them as they were.
    ///
    /// - Durability: on disk when it returns.
    /// - Throws: as `secret`; `security.keys-unwritable`; what the body throws.
    public func change(_ body: (inout [String: String]) throws -> Void) throws {
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw unwritable() }
        defer { close(folder) }
        while flock(folder, LOCK_EX) != 0 { if errno != EINTR { throw unwritable() } }
        let before = try secrets()
        var after = before
        try body(&after)
        guard after != before else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try write(encoder.encode(Document(secrets: after)))
        guard fsync(folder) == 0 else { throw unwritable() }
    }

    /// Keeps a secret under a name; nil forgets it.
    ///
    /// - Throws: as `change`.
    public func set(_ name: String, to secret: String?) throws { try change { $0[name] = secret } }

    private func write(_ data: Data) throws {
        let partial = path + ".new"
        unlink(partial)
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw unwritable() }
        do {
            defer { close(descriptor) }
            let bytes = [UInt8](data)
            var count = 0
            while count < bytes.count {
                let put = bytes.withUnsafeBytes { Self.put(descriptor, $0.baseAddress! + count, $0.count - count) }
                if put < 0, errno == EINTR { continue }
                guard put > 0 else { throw unwritable() }
                count += put
            }
            guard fsync(descriptor) == 0 else { throw unwritable() }
            guard rename(partial, path) == 0 else { throw unwritable() }
        } catch {
            unlink(partial)
            throw error
        }
    }

    private static func put(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes, count)
        #else
        Darwin.write(descriptor, bytes, count)
        #endif
    }

    private func reason() -> String { String(cString: strerror(errno)) }
    private func unwritable() -> SecurityError { .keysUnwritable(path: path, reason: reason()) }
}

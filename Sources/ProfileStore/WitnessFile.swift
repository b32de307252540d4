internal import Causality
internal import Foundation
internal import NodeEnvironment
internal import ProfileModel
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A file outside the store that says how far the store has come, so that one which was put back in its place is noticed.
///
/// It is written after each commit, and not flushed: where it is behind the store it says nothing.
/// - Privacy: it holds an origin and a number.
struct WitnessFile {
    private let path: String

    /// The witness of a node's store at a path; nil where the environment keeps none.
    init?(folder: String?, node: RowID, storePath: String) {
        guard let folder else { return nil }
        var hash = SipHash128(key: HashKey(first: node.high, second: node.low))
        hash.update(realpath(storePath, nil).map { pointer in
            defer { free(pointer) }
            return String(cString: pointer)
        } ?? storePath)
        path = "\(folder)/\(hash.finalize()).witness"
    }

    /// What was written last: the life, and its last sequence. Nil where there is nothing to be read.
    func read() -> (life: Origin, sequence: UInt64)? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let parts = text.split(whereSeparator: \.isWhitespace)
        guard parts.count == 2, let life = Origin(String(parts[0])), let sequence = UInt64(parts[1]) else { return nil }
        return (life, sequence)
    }

    /// Writes in place; what cannot be written is left.
    func write(life: Origin, sequence: UInt64) {
        let digits = String(sequence)
        let line = "\(life) \(String(repeating: "0", count: 20 - digits.utf8.count))\(digits)\n"
        var descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor < 0 {
            let folder = (path as NSString).deletingLastPathComponent
            try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        }
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        _ = line.utf8.withContiguousStorageIfAvailable { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
}

extension StoreReader {
    /// Whether the witness has seen more of this store than there is.
    func isBehindWitness() throws -> Bool {
        let node = try node()
        guard let witness = WitnessFile(folder: store.environment.stateFolder, node: node.id, storePath: store.path)?.read() else { return false }
        if witness.life == node.origin { return witness.sequence > node.sequence }
        return try !lives().contains { $0.origin == witness.life }
    }
}

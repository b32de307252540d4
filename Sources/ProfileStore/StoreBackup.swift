public import Causality
internal import Foundation
internal import GRDB
public import NodeEnvironment
internal import ProfileModel

/// What a backup holds.
public struct BackupContents: Sendable {
    public let counts: StoreCounts
    public let origin: Origin
    /// Whether the file is whole and its sums hold.
    public let isSound: Bool
}

extension ProfileStore {
    /// Copies the store, as it stands at one moment, into one file beside nothing else.
    ///
    /// - Throws: `store.file-exists`, `store.cannot-create`.
    public func backUp(to file: String) throws -> BackupContents {
        guard !FileManager.default.fileExists(atPath: file) else { throw StoreError("store.file-exists", ["path": file]) }
        let partial = file + ".partial"
        try? FileManager.default.removeItem(atPath: partial)
        guard FileManager.default.createFile(atPath: partial, contents: nil, attributes: [.posixPermissions: 0o600]) else {
            throw StoreError("store.cannot-create", ["path": file], retry: .afterSomeoneActs)
        }
        do {
            let copy = try DatabaseQueue(path: partial)
            try pool.backup(to: copy)
            try copy.close()
            let contents = try ProfileStore.contents(ofBackup: partial)
            guard rename(partial, file) == 0 else { throw StoreError("store.cannot-create", ["path": file], retry: .afterSomeoneActs) }
            return contents
        } catch {
            try? FileManager.default.removeItem(atPath: partial)
            throw StoreError.from(error, path: file)
        }
    }

    /// Reads a backup whole and tells what it holds.
    ///
    /// - Throws: `store.no-such-file`, `store.not-a-backup`, `store.schema-too-new`, `store.full`.
    public static func contents(ofBackup file: String) throws -> BackupContents {
        guard FileManager.default.fileExists(atPath: file) else { throw StoreError("store.no-such-file", ["path": file]) }
        // A look at a copy: SQLite makes files beside what it opens.
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("limn-backup-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try FileManager.default.copyItem(atPath: file, toPath: folder + "/limn.sqlite")
        } catch { throw StoreError.from(file: error, path: folder) }
        do {
            let store = try ProfileStore.open(at: folder)
            return try store.read { reader in
                BackupContents(
                    counts: try reader.counts(), origin: try reader.node().origin,
                    isSound: try reader.integrityProblems().isEmpty && reader.sumsHold())
            }
        } catch let error as StoreError where ["store.schema-too-new", "store.full", "store.unreadable"].contains(error.code) { throw error } catch {
            throw StoreError("store.not-a-backup", ["path": file])
        }
    }

    /// Puts a backup in the place of a store, which is kept beside it, and begins a new life.
    ///
    /// Where that fails, the store that was there is back in its place.
    /// - Returns: where the store that was there went.
    public static func restore(_ file: String, to home: String, environment: any NodeEnvironment = SystemEnvironment()) throws -> (store: ProfileStore, aside: String?) {
        let contents = try contents(ofBackup: file)
        guard contents.isSound else { throw StoreError("store.not-a-backup", ["path": file]) }
        let path = home + "/limn.sqlite", incoming = path + ".restoring"
        do {
            try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try? FileManager.default.removeItem(atPath: incoming)
            try FileManager.default.copyItem(atPath: file, toPath: incoming)
            try DurableFile.synchronize(incoming)
        } catch {
            try? FileManager.default.removeItem(atPath: incoming)
            throw StoreError.from(file: error, path: path)
        }
        let lock = try WriteLock(path: home + "/limn.lock")
        let aside = unused(path + ".before-restore-\(environment.now().rawValue)")
        let hadStore = FileManager.default.fileExists(atPath: path)
        do {
            try lock.withLock {
                if hadStore { try move(path, to: aside) }
                try FileManager.default.moveItem(atPath: incoming, toPath: path)
                try DurableFile.synchronize(home)
            }
            let store = try ProfileStore.open(at: home, environment: environment)
            try store.beginLife(.restored)
            return (store, hadStore ? aside : nil)
        } catch {
            try? lock.withLock {
                guard !hadStore || FileManager.default.fileExists(atPath: aside) else { return }
                for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) }
                if hadStore { try move(aside, to: path) }
            }
            throw StoreError.from(file: error, path: path)
        }
    }

    /// The path, with a number behind it where something is there already: a clock that stands still or goes back gives a name twice.
    private static func unused(_ path: String) -> String {
        var candidate = path, number = 1
        while ["", "-wal", "-shm"].contains(where: { FileManager.default.fileExists(atPath: candidate + $0) }) {
            number += 1
            candidate = "\(path)-\(number)"
        }
        return candidate
    }

    /// Moves a store with its log: the log first, so that it never stands beside a file that is not its own.
    private static func move(_ path: String, to other: String) throws {
        for ending in ["-shm", "-wal", ""] where FileManager.default.fileExists(atPath: path + ending) {
            try FileManager.default.moveItem(atPath: path + ending, toPath: other + ending)
        }
    }
}

/// Files that must be on disk before something else is done.
private enum DurableFile {
    /// Waits until a file, or a folder's list of files, is on disk.
    static func synchronize(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }
}

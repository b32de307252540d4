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
    /// - Throws: `store.no-such-file`, `store.not-a-backup`, `store.schema-too-new`.
    public static func contents(ofBackup file: String) throws -> BackupContents {
        guard FileManager.default.fileExists(atPath: file) else { throw StoreError("store.no-such-file", ["path": file]) }
        do {
            // A look at a copy: SQLite makes files beside what it opens.
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("limn-backup-\(UUID())").path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try FileManager.default.copyItem(atPath: file, toPath: folder + "/limn.sqlite")
            let store = try ProfileStore.open(at: folder)
            return try store.read { reader in
                BackupContents(
                    counts: try reader.counts(), origin: try reader.node().origin,
                    isSound: try reader.integrityProblems().isEmpty && reader.sumsHold())
            }
        } catch let error as StoreError where error.code == "store.schema-too-new" { throw error } catch {
            throw StoreError("store.not-a-backup", ["path": file])
        }
    }

    /// Puts a backup in the place of a store, which is kept beside it, and begins a new life.
    ///
    /// - Returns: where the store that was there went.
    public static func restore(_ file: String, to home: String, environment: any NodeEnvironment = SystemEnvironment()) throws -> (store: ProfileStore, aside: String?) {
        let contents = try contents(ofBackup: file)
        guard contents.isSound else { throw StoreError("store.not-a-backup", ["path": file]) }
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let path = home + "/limn.sqlite"
        let lock = try WriteLock(path: home + "/limn.lock")
        let aside = try lock.withLock { () -> String? in
            var aside: String?
            if FileManager.default.fileExists(atPath: path) {
                let name = path + ".before-restore-\(environment.now().rawValue)"
                for ending in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + ending) {
                    try FileManager.default.moveItem(atPath: path + ending, toPath: name + ending)
                }
                aside = name
            }
            try FileManager.default.copyItem(atPath: file, toPath: path)
            return aside
        }
        let store = try ProfileStore.open(at: home, environment: environment)
        try store.beginLife(.restored)
        return (store, aside)
    }
}

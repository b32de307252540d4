public import Causality
internal import Foundation
internal import GRDB
internal import NodeEnvironment
internal import ProfileModel
internal import Synchronization

/// One life of a store: what it wrote under one origin.
public struct StoreLife: Sendable, Equatable {
    /// Why a life began.
    public enum Reason: String, Sendable {
        /// The store was made.
        case founded
        /// The store was found on another machine or in another place than before.
        case moved
        /// A neighbour had met another copy of the store.
        case copied
        /// A neighbour holds more of the store's writes than the store does.
        case behind
        /// A person said so.
        case renewed
        /// A backup was put in its place.
        case restored
        /// The store wrote in a row that it had let go of, and that had not come back with what the life before had written.
        case letGo = "let-go"
    }

    public let origin: Origin
    public let began: Stamp
    /// A later version may know further reasons.
    public let reason: String
    /// The name of the machine.
    public let machine: String
    /// Where the store stood.
    public let path: String

    /// Whether it began because another copy of the store had written.
    public var isOfCopy: Bool { reason == Reason.copied.rawValue || reason == Reason.behind.rawValue }
}

extension StoreReader {
    /// The lives of this store, oldest first; the last is the present one.
    public func lives() throws -> [StoreLife] {
        try Row.fetchAll(database, sql: "SELECT * FROM lives ORDER BY ordinal").map {
            StoreLife(
                origin: Origin(rawValue: StoreReader.unsigned($0["origin"])), began: Stamp(rawValue: $0["began_at"]), reason: $0["reason"],
                machine: $0["machine"], path: $0["path"])
        }
    }
}

extension StoreWriter {
    /// Lists a new life of this store, under whose origin it writes from here on.
    func insertLife(_ reason: StoreLife.Reason, afterFeed feed: UInt64) throws {
        try database.execute(
            sql: "INSERT INTO lives (origin, began_at, began_feed, reason, machine, path) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [
                Int64(bitPattern: environment.random()), environment.now().rawValue, Int64(bitPattern: feed), reason.rawValue,
                store.machineName, environment.storePlace ?? store.path,
            ])
    }

    /// Lists this store's lives in the row that tells other nodes of this one, with the machine of each.
    func announceLives() throws {
        let node = try node()
        guard let stored = try row(node.id, like: .node) else { return }
        let operation = environment.newID(), author = node.author ?? node.name
        var state = stored.state, changes: [CellChange] = []
        for life in try lives() {
            let cell = CellKey(field: FieldID.origins.rawValue, element: FieldValue.bytes(text: life.origin.description))
            if state.cells[cell] != nil { continue }
            changes.append(state.writeAsPerson(
                cell, FieldValue.bytes(text: life.machine), record: node.id, dot: nextDot(), now: environment.now(),
                by: Authorship(author: author, operation: operation), key: node.key))
        }
        if changes.isEmpty { return }
        try put(CompactRow(state), id: node.id, kind: .node, replacing: stored)
    }
}

/// Whom a store tells of lives that it began without being asked.
final class LifeListeners: Sendable {
    private let listener = Mutex<(@Sendable (_ life: StoreLife, _ before: StoreLife?) -> Void)?>(nil)

    func set(_ listen: @escaping @Sendable (StoreLife, StoreLife?) -> Void) { listener.withLock { $0 = listen } }

    func tell(_ lives: [StoreLife]) {
        guard let life = lives.last else { return }
        listener.withLock { $0 }?(life, lives.dropLast().last)
    }
}

extension ProfileStore {
    /// Calls `listen` when the store begins a life that nobody asked for: with that life and the one before.
    public func onNewLife(_ listen: @escaping @Sendable (_ life: StoreLife, _ before: StoreLife?) -> Void) { lifeListeners.set(listen) }
}

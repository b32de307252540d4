internal import Causality
internal import FleetSupport
internal import Foundation
internal import MergeVectors
internal import NodeOperations
internal import ProfileModel
internal import ProfileStore
internal import Replication

/// One node of a simulated fleet: a real store in a folder, its clock, and what becomes of its disk.
final class SimulatedNode {
    let index: Int
    let environment: SimulatedEnvironment
    private(set) var home: String
    private var opened: Node?
    /// All rows of the store, as they were looked at last.
    private(set) var rows: FleetOracle.Snapshot = [:]
    /// What the store knows to be erased.
    private(set) var erased: Set<RowID> = []
    /// A copy of the store that may be put back.
    private(set) var backup: String?
    /// What was refused because the disk failed, with the operation before it: SQLite may have written it to the log whole before it
    /// was refused, and then it is there after the power has gone.
    var refused: (deed: Deed, newest: OperationID?)?
    /// The step at which a node is back that is away, such as a laptop in a drawer.
    var awayUntil: Int?
    var isLater: Bool { environment.knownFields[LaterVersion.loyalty.name] != nil }
    private let folder: TestFolder
    private var placesCount = 0

    var node: Node { opened! }
    var author: String { SimulatedNode.author(index) }

    static func author(_ index: Int) -> String { "person \(index)" }

    init(_ index: Int, scopes: [String], deployment: Deployment, environment: SimulatedEnvironment, in folder: TestFolder) throws {
        self.index = index
        self.environment = environment
        self.folder = folder
        home = folder["home-\(1_000 + index)"]
        opened = try Node.found(
            home: home, name: "node \(index)", author: SimulatedNode.author(index), deployment: deployment, scopes: scopes,
            environment: environment
        ).node
    }

    /// Looks at the store, and gives what it held before.
    @discardableResult
    func look() throws -> FleetOracle.Snapshot {
        let before = rows
        rows = Dictionary(uniqueKeysWithValues: try StoreLaws.rows(node).map {
            ($0.id, FleetOracle.HeldRow(kind: $0.kind, state: $0.row.expanded))
        })
        erased = []
        // What follows from erasures nobody writes: it is compared as what is erased, and what is to be looked at.
        for (id, row) in rows where row.kind == .erasure || row.kind == .review {
            rows[id] = nil
            guard row.kind == .erasure else { continue }
            let named = row.state.cells[CellKey(field: FieldID.erased.rawValue)]?.compactMap { $0.value.flatMap { UniqueID(OracleText.text($0)) } }
            erased.formUnion(named ?? [])
        }
        return before
    }

    /// The territories that it holds, by name.
    func scopes() throws -> [String] { try node.store.read { try $0.node().scopes } }

    private func open() throws { opened = try Node.open(home: home, author: author, environment: environment) }

    /// Drops the store without a word, and opens it from what is on disk.
    func crash() throws { try open() }

    /// Takes the store to another place.
    func move() throws {
        placesCount += 1
        let old = home
        home = folder["home-\(1_000 + index)-\(1_000 + placesCount)"]
        try FileManager.default.copyItem(atPath: old, toPath: home)
        try open()
        try FileManager.default.removeItem(atPath: old)
    }

    func copy() throws {
        placesCount += 1
        let file = folder["copy-\(index)-\(placesCount)"]
        _ = try node.store.backUp(to: file)
        backup = file
    }

    /// Puts the copy in the place of the store.
    ///
    /// - Parameter byCommand: as the command does it, or by copying the file.
    func putBack(byCommand: Bool) throws {
        opened = nil
        if byCommand {
            opened = try Node.restore(backup!, to: home, author: author, environment: environment).node
            return
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: home) where name.hasPrefix("limn.sqlite") {
            try FileManager.default.removeItem(atPath: home + "/" + name)
        }
        try FileManager.default.copyItem(atPath: backup!, toPath: home + "/limn.sqlite")
        try open()
    }

    /// Takes from the disk what was not synced since it was armed, but for the first few writes, and opens the store again.
    func losePower(kept: Int) throws {
        let dark = home + "-dark"
        try FaultyDisk.afterPowerLoss(of: home, copy: dark, kept: kept)
        opened = nil
        // In place: a file that was replaced would be taken for a copy.
        let remaining = Set(try FileManager.default.contentsOfDirectory(atPath: dark))
        for name in try FileManager.default.contentsOfDirectory(atPath: home) where !remaining.contains(name) {
            try FileManager.default.removeItem(atPath: home + "/" + name)
        }
        for name in remaining {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: dark + "/" + name))
            try bytes.write(to: URL(fileURLWithPath: home + "/" + name), options: [])
        }
        try FileManager.default.removeItem(atPath: dark)
        try open()
    }

    /// Installs a later release.
    func upgrade() throws {
        environment.know(LaterVersion.fields)
        try open()
    }
}

import Causality
import FleetSupport
import Foundation
import MergeVectors
import NodeOperations
import ProfileModel
import ProfileStore
import Replication
import WireFormat

/// What years of edits leave: tombstones of values, tags and customers, contexts of many lives, and the history.
///
/// A hub and four laptops edit all customers through the years, at times the same ones between two meetings. Laptops are put
/// back from copies and begin new lives. At the end a new node joins, and another deployment gets only what is shown.
struct TenYears {
    private let options: Main.Options
    private let customers: Int
    private let editsPerYear: Int
    private static let laptops = ["north", "south", "east", "west"]
    private static let roundsPerYear = 4
    private static let quarterSeconds = 7_889_400

    init(_ options: Main.Options) {
        self.options = options
        customers = options.customers ?? 2_000
        editsPerYear = options.edits ?? 4
    }

    func run() throws {
        let fleet = try BenchFleet(folder: options.folder + "/fleet-years")
        defer { try? FileManager.default.removeItem(atPath: fleet.folder) }
        var random = SplitMix64(seed: options.seed)
        let hub = try fleet.found("hub")
        let ids = try fleet.fill(hub, customers: customers)
        let laptops = try Self.laptops.map { try fleet.found($0) }
        for laptop in laptops { try fleet.sync(laptop, hub) }
        var edits = 0, lives = 0
        for year in 0..<options.years {
            for round in 0..<Self.roundsPerYear {
                let quarter = year * Self.roundsPerYear + round
                for name in ["hub"] + Self.laptops { fleet.set(secondsSinceBegin: Double(quarter * Self.quarterSeconds), for: name) }
                edits += try work([hub] + laptops, fleet, ids, &random)
                for name in ["hub"] + Self.laptops { fleet.set(secondsSinceBegin: Double((quarter + 1) * Self.quarterSeconds), for: name) }
                for _ in 0..<2 { for laptop in laptops { try fleet.sync(laptop, hub) } }
                _ = try hub.resolveAll(ConflictFilter(), by: .policy(.latest))
            }
            for laptop in laptops where random.chance(50) {
                _ = try laptop.renewIdentity()
                lives += 1
            }
            Output.progress("year \(year + 1): \(edits) edits")
        }
        for _ in 0..<2 { for laptop in laptops { try fleet.sync(laptop, hub) } }
        guard try laptops.allSatisfy({ try fleet.digest($0) == fleet.digest(hub) }) else { throw Failure("the digests differ after years") }
        try report(fleet, hub, edits: edits, lives: lives)
    }

    /// A quarter of a year: edits by everybody, the tags of some, and a few deletes, of which some are taken back.
    private func work(_ nodes: [Node], _ fleet: BenchFleet, _ ids: [RowID], _ random: inout SplitMix64) throws -> Int {
        let each = customers * editsPerYear / Self.roundsPerYear / nodes.count
        for node in nodes { try fleet.edit(node, ids, count: each, withinSeconds: Self.quarterSeconds * 9 / 10, &random) }
        for _ in 0..<max(1, customers / 400) {
            let node = random.pick(nodes), name = ids[random.below(ids.count)].description
            guard try !node.show(name, events: 0).isDeleted else { continue }
            _ = try node.delete(name)
            if random.chance(70) { _ = try node.restore(name) }
        }
        return each * nodes.count
    }

    private func report(_ fleet: BenchFleet, _ hub: Node, edits: Int, lives: Int) throws {
        let what = "after \(options.years) years", rows = try StoreLaws.rows(hub).filter(\.kind.isCustomer)
        let joined = try fleet.found("joined")
        let cold = try fleet.sync(joined, hub).pulled.bytes
        // Another deployment, to which the same customers come with what is shown of them and nothing else.
        let fresh = try lastState(of: joined, fleet)
        let copy = try fleet.found("fresh-copy")
        let freshCold = try fleet.sync(copy, fresh).pulled.bytes
        try hub.catchUpSearch()
        let aged = try fleet.storeBytes(joined), plain = try fleet.storeBytes(copy), whole = try fleet.storeBytes(hub)
        let living = rows.count
        let anchor = "\(living) customers, \(edits) edits on 5 nodes, \(lives) lives begun anew"
        try Output.figure("\(what): cold sync", Double(cold) / 1e6, "MB", anchor: anchor)
        try Output.figure("\(what): cold sync / of the last state alone", Double(cold) / Double(freshCold), "x", anchor: "\(perRow(cold, living)) and \(perRow(freshCold, living)) B a customer")
        try Output.figure("\(what): store of a node that joins / of the last state alone, without search", Double(aged) / Double(plain), "x", anchor: "\(megabytes(aged)) and \(megabytes(plain)) MB")
        try Output.figure("\(what): store of the hub with its history and search", Double(whole) / 1e6, "MB")
        let entries = rows.map { Double($0.row.contextBeyond.entries.count) }
        try Output.figure("\(what): context entries a row beyond its writes, mean", entries.reduce(0, +) / Double(entries.count), "", anchor: "16 bytes each before coding")
        try Output.figure("\(what): context entries a row beyond its writes, 99 of 100", entries.percentile(99), "")
        try reportBytes(rows, key: hub.store.identity().hashKey, what)
        let tombstones = rows.map { row in Double(row.row.exceptions.reduce(0) { $0 + $1.writes.count { $0.value == nil } }) }
        try Output.figure("\(what): writes a row that hold nothing, mean", tombstones.reduce(0, +) / Double(tombstones.count), "", anchor: "of cleared and removed values")
    }

    private func perRow(_ bytes: Int, _ rows: Int) -> String { String(format: "%.1f", Double(bytes) / Double(rows)) }

    /// What contexts and emptied writes take in frames: the frames of all rows against frames without them.
    private func reportBytes(_ rows: [ReplicaRow], key: HashKey, _ what: String) throws {
        let all = try frameBytes(rows, key: key) { $0 }
        let withoutContexts = try frameBytes(rows, key: key) { row in
            CompactRow(base: row.base, plain: row.plain, exceptions: row.exceptions, contextBeyond: CausalContext(), scopesLeft: row.scopesLeft)
        }
        let withoutBoth = try frameBytes(rows, key: key) { row in
            let exceptions = row.exceptions.map { CompactRow.Exception(key: $0.key, writes: $0.writes.filter { $0.value != nil }) }
            return CompactRow(
                base: row.base, plain: row.plain, exceptions: exceptions.filter { !$0.writes.isEmpty }, contextBeyond: CausalContext(),
                scopesLeft: row.scopesLeft)
        }
        let count = Double(rows.count)
        try Output.figure("\(what): bytes a row in frames", Double(all) / count, "B")
        try Output.figure("\(what): of it contexts", Double(all - withoutContexts) / count, "B")
        try Output.figure("\(what): of it cleared and removed values", Double(withoutContexts - withoutBoth) / count, "B")
    }

    private func frameBytes(_ rows: [ReplicaRow], key: HashKey, _ form: (CompactRow) -> CompactRow) throws -> Int {
        let writer = FrameWriter(hashKey: key)
        var bytes = 0
        for row in rows {
            let wire = WireRow(id: row.id, kind: row.kind, body: .whole(form(row.row)))
            if try writer.append(wire) { continue }
            bytes += writer.finish(through: 1).count
            guard try writer.append(wire) else { throw Failure("a row does not fit into a frame") }
        }
        return bytes + writer.finish(through: 1).count
    }

    private func megabytes(_ bytes: Int) -> String { String(format: "%.1f", Double(bytes) / 1e6) }

    /// A node of the same customers with what is shown of them, as one import.
    private func lastState(of node: Node, _ fleet: BenchFleet) throws -> Node {
        let names = ["name", "phone", "email", "company", "address", "city", "postcode", "country", "stage", "note"]
        var text = "external_id,\(names.joined(separator: ",")),tags\n"
        try node.exportProfiles { profile in
            let id = (profile.externalIDs.first ?? "").split(separator: ":").last ?? ""
            let values = names.map { "\"\(profile.values[$0]?.joined(separator: ";") ?? "")\"" }
            text += "\(id),\(values.joined(separator: ",")),\"\(profile.tags.joined(separator: ";"))\"\n"
        }
        let path = fleet.folder + "/last.csv"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        var options = ImportOptions()
        options.source = "bench"
        options.kind = .person
        let fresh = try fleet.found("fresh")
        let outcome = try fresh.importTable(path: path, options: options)
        guard outcome.rejected == 0, outcome.created > 0 else { throw Failure("the last state was rejected") }
        return fresh
    }
}

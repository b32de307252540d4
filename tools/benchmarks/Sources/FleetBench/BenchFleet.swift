import Causality
import FleetSupport
import Foundation
import MergeVectors
import NodeEnvironment
import NodeOperations
import ProfileModel
import ProfileStore
import Replication

/// Stores of one deployment, opened when they are needed: a hub and those who call it.
final class BenchFleet {
    static let began: Int64 = 1_767_225_600_000_000
    let folder: String
    let transport = DirectTransport()
    /// Looks into what sessions carry; nil where nobody does.
    var rows: ServedRows?
    private let deployment = Deployment(id: UniqueID(high: 7, low: 7), key: HashKey(first: 11, second: 13))
    private var environments: [String: SimulatedEnvironment] = [:]

    /// - Parameter folder: made anew.
    init(folder: String) throws {
        self.folder = folder
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func environment(_ name: String) -> SimulatedEnvironment {
        if let known = environments[name] { return known }
        let number = environments.count
        let environment = SimulatedEnvironment(
            prefix: UInt8(truncatingIfNeeded: number), seed: UInt64(number), nowMicroseconds: BenchFleet.began, storePlace: name)
        environments[name] = environment
        return environment
    }

    /// - Parameter scopes: nothing for everything.
    func found(_ name: String, scopes: [String] = []) throws -> Node {
        try Node.found(
            home: home(name), name: name, author: name, deployment: deployment, scopes: scopes, environment: environment(name)
        ).node
    }

    func open(_ name: String) throws -> Node { try Node.open(home: home(name), author: name, environment: environment(name)) }

    func home(_ name: String) -> String { folder + "/" + name }

    func remove(_ name: String) { try? FileManager.default.removeItem(atPath: home(name)) }

    /// Sets the clocks of some nodes.
    func set(secondsSinceBegin seconds: Double, for names: String...) {
        for name in names { environment(name).set(nowMicroseconds: BenchFleet.began + Int64(seconds * 1e6)) }
    }

    /// Runs a session, which must end well.
    @discardableResult
    func sync(_ caller: Node, _ answering: Node) throws -> SyncReport {
        let outcome = try rows?.session(from: caller, to: answering, over: transport) ?? transport.session(from: caller, to: answering)
        if let error = outcome.error { throw error }
        return outcome.report
    }

    func digest(_ node: Node) throws -> Digest128 { try node.store.read { try $0.scopes().reduce(.zero) { $0 &+ $1.digest } } }

    /// The bytes of a store's file, its log copied in.
    func storeBytes(_ node: Node) throws -> Int {
        try node.store.truncateLog()
        return try FileManager.default.attributesOfItem(atPath: node.store.path)[.size] as? Int ?? 0
    }

    // MARK: Customers

    private static let given = ["Anna", "Boris", "Chen", "Dilnoza", "Emre", "Fatou", "Goran", "Hana"]
    private static let family = ["Schneider", "Kim", "沈", "Okafor", "Rossi", "Nguyen", "陆"]
    private static let cities = ["Berlin", "上海", "Hefei", "Osaka", "Lagos", "Turku"]

    /// Imports customers of one source into a node, and gives their ids.
    ///
    /// - Parameter scope: where a customer belongs, by its number; nil for the root.
    func fill(_ node: Node, customers count: Int, scope: (Int) -> String? = { _ in nil }) throws -> [RowID] {
        for (scope, numbers) in Dictionary(grouping: 0..<count, by: scope).sorted(by: { $0.key ?? "" < $1.key ?? "" }) {
            let path = folder + "/customers.csv"
            let header = "external_id,name,phone,email,company,address,city,postcode,country,stage,tags\n"
            try Data((header + numbers.map(Self.line).joined()).utf8).write(to: URL(fileURLWithPath: path))
            var options = ImportOptions()
            options.source = "bench"
            options.kind = .person
            options.scope = scope
            let outcome = try node.importTable(path: path, options: options)
            guard outcome.created == numbers.count else { throw Failure("an import made \(outcome.created) of \(numbers.count) customers") }
        }
        return try node.store.read { reader in try (0..<count).map { try reader.customerID(externalID: "bench:\($0)") } }
    }

    private static func line(_ number: Int) -> String {
        let given = given[number % 8], family = family[number % 7], street = "Mill Lane \(number % 240)"
        return "\(number),\(given) \(family) \(number),+4930\(10_000_000 + number),c\(number)@example.com,\(family) Ltd,\(street),"
            + "\(cities[number % 6]),\(10_000 + number % 90_000),DE,lead,\(number % 3 == 0 ? "vip;newsletter" : "newsletter")\n"
    }

    /// What a person writes after a telephone call: mostly one register, at times a tag.
    static func assignment(_ random: inout SplitMix64) -> Assignment {
        switch random.below(10) {
        case 0..<4: Assignment(field: random.pick(["address", "company"]), verb: .set, text: "Harbour Street \(random.below(10_000))")
        case 4..<6: Assignment(field: "stage", verb: .set, text: random.pick(["lead", "prospect", "customer", "lost"]))
        case 6..<8: Assignment(field: "note", verb: .set, text: "Called back, asks for an offer of \(random.below(100_000)) pieces")
        default: Assignment(field: "tags", verb: random.pick([.add, .remove]), text: random.pick(["vip", "partner", "north", "follow up"]))
        }
    }

    /// Makes edits of random customers, each an operation of its own as if a person had made it, but many to a transaction.
    ///
    /// - Parameter withinSeconds: the stretch of time over which they are spread.
    func edit(_ node: Node, _ ids: [RowID], count: Int, withinSeconds seconds: Int, _ random: inout SplitMix64) throws {
        let clock = environment(node.author)
        for start in stride(from: 0, to: count, by: 500) {
            try node.store.write { writer in
                for _ in start..<min(start + 500, count) {
                    clock.advance(microseconds: Int64(random.below(2 * seconds * 1_000 / count)) * 1_000)
                    let record = ids[random.below(ids.count)]
                    guard try writer.profile(of: record)?.isDeleted == false else { continue }
                    let operation = clock.newID(), edition = try Edition(writer, author: node.author, operation: operation)
                    let assignment = BenchFleet.assignment(&random), text = FieldValue.bytes(text: assignment.text)
                    guard let field = FieldCatalogue.standard[assignment.field] else { throw Failure("there is no field \(assignment.field)") }
                    if field.isSet {
                        try edition.write(
                            CellKey(field: field.id.rawValue, element: text), assignment.verb == .add ? FieldValue.present : nil, in: record)
                    } else {
                        try edition.write(CellKey(field: field.id.rawValue), text, in: record)
                    }
                    if try edition.commit() > 0 { try writer.log(operation, author: node.author, command: "edit", rows: 1) }
                }
            }
        }
    }
}

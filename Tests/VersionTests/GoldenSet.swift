import Causality
import FleetSupport
import Foundation
import LimnCommands
import NodeOperations
import ProfileModel
import ProfileStore
import Replication
import Testing

@testable import WireFormat

/// What one version left in `peers/golden/VERSION`: a store, its meaning, and the bodies of sessions.
struct GoldenSet: CustomTestStringConvertible, Sendable {
    let version: String
    var testDescription: String { version }

    /// All sets that there are, oldest first.
    static let all = GoldenStore.versions.map(GoldenSet.init)

    private var folder: URL { GoldenStore.root.appendingPathComponent(version) }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appendingPathComponent(name))) }

    func expected() throws -> [String: Any] { try GoldenStore.expected(version) }

    /// Puts the store into a new folder.
    func unpack(to home: String) throws { try GoldenStore.unpack(version, to: home) }

    /// The bodies of a session in their order: the name of a file is `SESSION-NUMBER-ENDPOINT.request` or `.answer`.
    func exchanges(of session: String) throws -> [GoldenFleet.Exchange] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix(session + "-") && $0.hasSuffix(".request") }
        return try names.sorted().map { name in
            let stem = name.dropLast(".request".count)
            guard let endpoint = SyncEndpoint(rawValue: "/sync/" + (stem.split(separator: "-").last ?? "")) else { throw GoldenFailure("\(name) is of no endpoint") }
            return GoldenFleet.Exchange(session: session, endpoint: endpoint, request: try bytes(name), answer: try bytes(stem + ".answer"))
        }
    }

    // MARK: Making

    /// Lives through the history of the golden fleet and writes the set of this version in place of an earlier one.
    static func write() throws {
        let fleet = try GoldenFleet()
        try fleet.fillOffice()
        var exchanges = try fleet.session("cold")
        try fleet.editOnBothSides()
        exchanges += try fleet.session("edits")
        let exchanged = try fleet.office.status().counts.digest
        try fleet.decide()
        exchanges += try fleet.session("decided")
        try fleet.office.catchUpSearch()
        try fleet.office.store.truncateLog()
        let store = Array(try Data(contentsOf: URL(fileURLWithPath: fleet.office.store.path)))
        var expected: [String: Any] = [
            "schema": "limn.golden/1", "version": LimnProgram.version, "storeBytes": store.count,
            "protocol": [SyncProtocol.versions.lowerBound, SyncProtocol.versions.upperBound],
            "exchangedDigest": exchanged.description, "digest": try fleet.office.status().counts.digest.description,
            "meaning": try GoldenMeaning.read(fleet.office),
            "caller": ["node": try fleet.laptop.store.identity().node.description, "name": "laptop"],
        ]
        try fleet.drift()
        exchanges += try fleet.repair("repair")
        expected["repairedDigest"] = try fleet.office.status().counts.digest.description
        let folder = GoldenSet(version: LimnProgram.version).folder
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        func put(_ name: String, _ bytes: [UInt8]) throws { try Data(bytes).write(to: folder.appendingPathComponent(name)) }
        try put("store.sqlite.zst", Compressor(level: 19).compress(store, endingBlocksAt: []))
        let json = try JSONSerialization.data(withJSONObject: expected, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        try put("expected.json", Array(json) + [10])
        for session in Set(exchanges.map(\.session)) {
            for (number, exchange) in exchanges.filter({ $0.session == session }).enumerated() {
                let stem = "\(session)-\(number + 1)-\(exchange.endpoint.path.split(separator: "/").last ?? "")"
                try put(stem + ".request", exchange.request)
                try put(stem + ".answer", exchange.answer)
            }
        }
    }
}

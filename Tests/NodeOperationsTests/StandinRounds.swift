import Connectors
import FleetSupport
import Foundation
import NodeOperations
import StandinServing
import Testing

/// Tests in which nodes of a fleet keep in step with a stand-in, which they call `crm`.
protocol StandinRounds {
    var fleet: TestFleet { get }
}

extension StandinRounds {
    /// The node that most tests are about.
    var node: Node { fleet[0] }

    /// Has a node read and write a stand-in, by its standard mapping or another, with these edits.
    func connect(_ system: String, _ standin: Standin, edits: [String] = [], mapping text: String? = nil, to index: Int = 0) throws {
        var mapping = try text.map { try ConnectorMapping(text: $0) } ?? CRMSystems.standardMapping(system)
        for edit in edits { mapping = try mapping.edited(edit) }
        let vendor = try #require(Vendor.all.first { $0.name == system })
        try tick()
        _ = try fleet[index].addConnector(
            name: "crm", system: system, url: standin.url, secret: ConnectorSecret(text: vendor.secret(standin.url)), mapping: mapping.text)
    }

    /// Stamps are the system's: the clocks here are the machine's.
    func tick() throws {
        for environment in fleet.environments { environment.set(nowMicroseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
    }

    @discardableResult
    func round(reconciles: Bool = false) throws -> ConnectorCounts {
        try tick()
        return try node.round("crm", reconciles: reconciles)
    }

    /// Somebody in the system makes a record.
    func make(_ kind: String, _ fields: JSON, _ standin: Standin) throws -> String {
        try #require(try standin.admin("create", ["kind": .string(kind), "records": [fields]])["ids"].items?.first?.text)
    }
}

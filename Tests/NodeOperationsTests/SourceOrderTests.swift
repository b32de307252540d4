import Causality
import FleetSupport
import NodeOperations
import ProfileModel
import ProfileStore
import Testing

/// In which order sources are believed.
struct SourceOrderTests {
    /// Two nodes on which a source each says another budget; the second says it later.
    private func disagreeing() throws -> (fleet: TestFleet, record: RowID) {
        let fleet = try TestFleet(2)
        _ = try fleet[0].defineField(FieldDefinition(name: "budget", type: .text, policy: .sourceOrder))
        try fleet[0].importText("external_id,name,budget\n1,张伟,small\n", source: "erp", in: fleet.folder)
        try fleet.settle()
        try fleet[1].importText("external_id,name,budget\n7,张伟,large\n", source: "crm", in: fleet.folder)
        let record = try fleet[0].record("erp:1")
        _ = try fleet[1].merge("erp:1", "crm:7")
        try fleet.settle()
        return (fleet, record)
    }

    @Test func theOrderHoldsOnEveryNode() throws {
        let (fleet, record) = try disagreeing()
        for node in fleet.nodes { #expect(try node.value("budget", of: record) == "large") }
        _ = try fleet[1].orderSources(["erp", "crm"])
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.sourceOrder().sources == ["erp", "crm"])
            #expect(try node.value("budget", of: record) == "small")
            #expect(try node.find("budget = small").total == 1 && node.find("budget = large").total == 0)
            #expect(try node.conflicts().total == 0)
        }
        _ = try fleet[0].orderSources(["crm"])
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.value("budget", of: record) == "large", "a source that is not named goes last") }
        _ = try fleet[0].undo(nil)
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.value("budget", of: record) == "small") }
        _ = try fleet[0].orderSources([])
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.value("budget", of: record) == "large") }
        #expect(try fleet[0].orderSources([]) == nil)
    }

    @Test func aPersonGoesBeforeEverySource() throws {
        let (fleet, record) = try disagreeing()
        _ = try fleet[0].orderSources(["crm", "erp"])
        try fleet[0].edit(record, "budget=none")
        fleet.environments[1].advance(microseconds: 60_000_000)
        try fleet[1].importText("external_id,name,budget\n7,张伟,huge\n", source: "crm", in: fleet.folder)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.value("budget", of: record) == "none")
            #expect(try node.conflicts(of: record) == ["source budget: huge, none"])
        }
        _ = try fleet[1].resolveAll(ConflictFilter(), by: .policy(.sourceOrder))
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.value("budget", of: record) == "none" && node.conflicts().total == 0) }
    }

    @Test func anOrderIsRefusedThatNamesASourceTwice() throws {
        let fleet = try TestFleet(1)
        #expect(throws: NodeError("node.source-twice", ["source": "erp"])) { try fleet[0].orderSources(["erp", "crm", "erp"]) }
        #expect(throws: NodeError("node.bad-source", ["source": "a:b"])) { try fleet[0].orderSources(["a:b"]) }
        #expect(try fleet[0].sourceOrder().sources.isEmpty)
    }

    /// The store keeps shown values in columns, which an order that comes later would leave as they are.
    @Test func noFieldWithAColumnFollowsTheOrder() {
        #expect(FieldCatalogue.standard.fields.allSatisfy { $0.policy != .sourceOrder || !$0.hasColumn })
    }
}

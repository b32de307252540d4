import Causality
import FleetSupport
import NodeOperations
import ProfileModel
import ProfileStore
import Replication
import Testing

/// Entering scopes and leaving them.
extension TerritoryTests {
    @Test func leavingLetsGoOfWhatIsHeldElsewhere() throws {
        let known = try add(hq, "known", in: "cn/east")
        try settle(fleet)
        let new = try add(east, "new", in: "cn/east")
        _ = try east.note(new.description, text: "a visit")
        let outcome = try east.leave(scopes: ["cn/east"])
        #expect(outcome.held == ["*"])
        #expect(outcome.waiting.map(\.customers) == [2])
        #expect(try east.has(known) && east.has(new))
        #expect(throws: NodeError.self) { try east.edit(new, "title=x") }
        // A neighbour says what it holds, and what it holds goes.
        fleet.transport.piecesLeft = 4
        #expect(throws: (any Error).self) { try fleet.sync(Self.east, Self.hq) }
        fleet.transport.piecesLeft = nil
        #expect(try !east.has(known) && east.has(new))
        #expect(try east.find("known").total == 0)
        try settle(fleet)
        #expect(try !east.has(new))
        #expect(try hq.has(new))
        #expect(try StoreLaws.rows(hq).count { $0.kind == .event } == 1)
        try TerritoryLaws.check(fleet.nodes)
        _ = try east.enter(scopes: ["cn/east"])
        try settle(fleet)
        #expect(try east.has(known) && east.has(new))
        #expect(try StoreLaws.rows(east).count { $0.kind == .event } == 1)
        try TerritoryLaws.check(fleet.nodes)
    }

    /// What a neighbour said before it was put back to an older state does not count.
    @Test func whatANeighbourHasLostIsKeptForIt() throws {
        let backup = fleet.folder["backup"]
        try settle(fleet)
        _ = try hq.store.backUp(to: backup)
        let own = try add(east, "written here", in: "cn/east"), theirs = try add(hq, "written there", in: "cn/east")
        try settle(fleet)
        let home = hq.store.home
        _ = try Node.restore(backup, to: home, author: "person 0", environment: fleet.environments[Self.hq])
        try fleet.reopen(Self.hq)
        _ = try east.leave(scopes: ["cn/east"])
        for piecesLeft in [2, 4, 6, nil, nil] {
            fleet.transport.piecesLeft = piecesLeft
            _ = try fleet.transport.session(from: east, to: fleet[Self.hq])
            #expect(try east.has(own) || fleet[Self.hq].has(own))
            #expect(try east.has(theirs) || fleet[Self.hq].has(theirs))
        }
        #expect(try fleet[Self.hq].has(own) && fleet[Self.hq].has(theirs))
        #expect(try !east.has(own) && !east.has(theirs))
    }

    /// Two that hold the same and leave it out of each other's sight do not rely on each other.
    @Test func twoThatLeaveLoseNothing() throws {
        let fleet = try TestFleet(scopes: [["cn/east"], ["cn/east"]])
        let id = try fleet[0].add("name=ours")
        try fleet.sync(0, 1)
        try fleet.sync(1, 0)
        for node in [0, 1] { #expect(try fleet[node].leave(scopes: ["cn/east"]).waiting.map(\.customers) == [1]) }
        for _ in 0..<3 { try fleet.sync(0, 1); try fleet.sync(1, 0) }
        #expect(try fleet[0].has(id) || fleet[1].has(id))
        _ = try fleet[0].enter(scopes: ["cn/east"])
        try fleet.sync(0, 1)
        try fleet.sync(1, 0)
        #expect(try fleet[0].value("name", of: id) == "ours")
        #expect(try !fleet[1].has(id))
    }

    @Test func enteringBringsWhatIsThere() throws {
        let a = try add(hq, "a", in: "cn/west"), b = try add(hq, "b", in: "cn/east")
        try settle(fleet)
        #expect(try !east.has(a))
        _ = try east.enter(scopes: ["cn/west"])
        try settle(fleet)
        #expect(try east.has(a) && east.has(b))
        try TerritoryLaws.check(fleet.nodes)
        #expect(throws: NodeError.self) { try east.leave(scopes: ["cn"]) }
        _ = try east.leave(scopes: ["cn/east"])
        try settle(fleet)
        #expect(try east.has(a) && !east.has(b))
        try TerritoryLaws.check(fleet.nodes)
    }

    /// Found by the simulation: what a neighbour had chosen by the scopes told before was taken for all that it has.
    @Test func whatWasChosenBeforeANodeEnteredIsNotAllThereIs() throws {
        let here = try add(hq, "here", in: "cn/east"), there = try add(hq, "there", in: "cn/west")
        var hasEntered = false
        fleet.transport.onNextRequest = { [east] in
            if hasEntered { return }
            hasEntered = true
            _ = try? east.enter(scopes: ["cn/west"])
        }
        let outcome = try fleet.transport.session(from: hq, to: east)
        fleet.transport.onNextRequest = nil
        #expect(hasEntered && (outcome.error as? SyncError)?.code == "sync.scopes-changed")
        try fleet.sync(Self.hq, Self.east)
        #expect(try east.has(here) && east.has(there))
    }

    /// The same where a request of a session that has ended arrives late, and where the node holds the same scopes again.
    @Test(arguments: [["cn/west"], []]) func aRequestFromBeforeANodeEnteredIsRefused(entering: [String]) throws {
        let here = try add(hq, "here", in: "cn/east"), there = try add(hq, "there", in: "cn/west")
        fleet.transport.keptMaximum = 20
        try fleet.sync(Self.hq, Self.east)
        if entering.isEmpty {
            _ = try east.leave(scopes: ["cn/east"])
            try fleet.sync(Self.east, Self.hq)
            #expect(try !east.has(here))
        }
        _ = try east.enter(scopes: entering.isEmpty ? ["cn/east"] : entering)
        for old in fleet.transport.kept(for: east.store.home) { _ = fleet.transport.deliverAgain(old, sharePercent: 100, among: fleet.nodes) }
        try fleet.sync(Self.hq, Self.east)
        #expect(try east.has(here) && east.has(there) == !entering.isEmpty)
    }
}

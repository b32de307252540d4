import Causality
import FleetSupport
import NodeOperations
import ProfileModel
import Testing

/// What watches over fleets sees what it is there to see.
@Suite struct FleetWatchTests {
    static let hq = 0, east = 1, west = 2
    let fleet: TestFleet

    init() throws { fleet = try TestFleet(scopes: [[], ["cn/east"], ["cn/west"]]) }

    private func add(_ name: String, in scope: String) throws -> RowID {
        try fleet[Self.hq].add(.person, [Assignment("name=\(name)")], scope: scope).id
    }

    private func session(_ rows: ServedRows, _ caller: Int, _ answering: Int) throws {
        let outcome = try rows.session(from: fleet[caller], to: fleet[answering], over: fleet.transport)
        if let error = outcome.error { throw error }
    }

    @Test func whatTerritoriesAreServedIsTheirs() throws {
        let mine = try add("mine", in: "cn/east/shanghai"), other = try add("other", in: "cn/west")
        for id in [mine, other] { _ = try fleet[Self.hq].note(id.description, text: "a visit") }
        let rows = ServedRows()
        for node in [Self.east, Self.west] { try session(rows, node, Self.hq) }
        _ = try fleet[Self.hq].move([mine.description], to: "cn/west")
        try fleet[Self.east].edit(mine, "title=buyer")
        for _ in 0..<2 { for node in [Self.east, Self.west] { try session(rows, node, Self.hq) } }
        try session(rows, Self.east, Self.west)
        #expect(rows.outside == [])
        #expect(rows.served >= 6)
        #expect(rows.departed >= 1)
    }

    /// Both nodes hold everything when they meet; whoever looks is told that one of them holds the east alone.
    @Test(arguments: [true, false]) func aRowThatGoesOutsideIsSeen(isPushed: Bool) throws {
        let whole = try TestFleet(2), rows = ServedRows()
        let sender = isPushed ? 1 : 0
        let inside = try whole[sender].add(.person, [Assignment("name=in")], scope: "cn/east").id
        let outside = try whole[sender].add(.person, [Assignment("name=out")], scope: "cn/west").id
        let rootless = try whole[sender].add(.person, [Assignment("name=root")]).id
        let note = try whole[sender].note(outside.description, text: "a visit").event
        rows.assumed = [whole[1 - sender].author: ScopeSet(["cn/east"])]
        let outcome = try rows.session(from: whole[1], to: whole[0], over: whole.transport)
        #expect(outcome.error == nil)
        #expect(rows.served >= 4)
        for id in [outside, rootless, note] { #expect(rows.outside.contains { $0.contains(id.description) }, "\(rows.outside)") }
        #expect(!rows.outside.contains { $0.contains(inside.description) })
        #expect(rows.outside.count == 3)
    }

    /// Who moved a customer away and meets a colleague before anybody who holds it: the colleague carries it too.
    @Test func whatWaitsIsHandedOn() throws {
        let fleet = try TestFleet(scopes: [[], ["cn/east"], ["cn/east"]]), rows = ServedRows()
        let id = try fleet[0].add(.person, [Assignment("name=one")], scope: "cn/east").id
        for node in [1, 2] { try fleet.sync(node, 0) }
        _ = try fleet[1].move([id.description], to: "cn/west")
        let outcome = try rows.session(from: fleet[1], to: fleet[2], over: fleet.transport)
        #expect(outcome.error == nil)
        #expect(rows.outside == [])
        #expect(rows.handedOn == 1)
        // Headquarters holds it, and only tells that it has gone.
        _ = try fleet[0].move([id.description], to: "cn/north")
        let told = ServedRows()
        _ = try told.session(from: fleet[2], to: fleet[0], over: fleet.transport)
        #expect(told.outside == [] && told.handedOn == 0 && told.departed >= 1)
    }

    @Test func aWriteThatDidNotArriveIsMissed() throws {
        let id = try add("one", in: "cn/east")
        try fleet.sync(Self.east, Self.hq)
        var ledger = WriteLedger()
        try ledger.observe(id, on: fleet[Self.east]) { try fleet[Self.east].edit(id, "title=buyer", "tags+=vip") }
        #expect(ledger.count == 2)
        #expect(try ledger.disagreements(with: fleet[Self.hq]).count == 2)
        try fleet.sync(Self.east, Self.hq)
        #expect(try ledger.disagreements(with: fleet[Self.hq]) == [])
        // Who replaces it without the ledger's knowledge takes it away; who does so before its eyes does not.
        try fleet[Self.hq].edit(id, "title=head")
        #expect(try ledger.disagreements(with: fleet[Self.hq]).count == 1)
        try ledger.observe(id, on: fleet[Self.east]) { try fleet[Self.east].edit(id, "title=owner") }
        #expect(try ledger.disagreements(with: fleet[Self.east]) == [])
    }

    @Test func aReplacedWriteThatIsStillThereIsSeen() throws {
        let id = try add("one", in: "cn/east")
        try fleet.sync(Self.east, Self.hq)
        var ledger = WriteLedger()
        try ledger.observe(id, on: fleet[Self.hq]) { try fleet[Self.hq].edit(id, "title=buyer") }
        try fleet.sync(Self.east, Self.hq)
        try ledger.observe(id, on: fleet[Self.east]) { try fleet[Self.east].edit(id, "title=owner") }
        #expect(try ledger.disagreements(with: fleet[Self.hq]).count == 2)
        try fleet.sync(Self.east, Self.hq)
        #expect(try ledger.disagreements(with: fleet[Self.hq]) == [])
    }
}

import Causality
import Connectors
import FleetSupport
import NodeOperations
import ProfileModel
import ProfileStore
import Synchronization
import Testing

/// What one page of a pull says of itself, and pages that are written together.
@Suite("Pages of a pull")
struct PullPageTests {
    private let fleet: TestFleet
    private let crm: SmallCRM
    private var node: Node { fleet[0] }

    init() throws {
        fleet = try TestFleet(1)
        crm = SmallCRM(fleet.environments[0])
        try fleet[0].add(crm)
    }

    /// Has the system tell a record as it was, before what it tells in the page behind an id.
    private func echo(_ id: Int, after: Int = 0, _ fields: [String: JSON], older microseconds: Int64) {
        crm.state.withLock { state in
            state.echoes.append((after, id, .init(fields: fields, updatedAt: state.contacts[id]!.updatedAt - microseconds)))
        }
    }

    /// A pull; how many records had been read whenever something was on disk.
    private func pull() throws -> (counts: ConnectorCounts, kept: [Int]) {
        let kept = Mutex<[Int]>([])
        var options = ConnectorOptions()
        options.sleep = { _ in }
        options.progress = { counts in kept.withLock { $0.append(counts.read) } }
        let counts = try node.pullConnector("crm", options: options)
        return (counts, kept.withLock(\.self))
    }

    // MARK: Within a page

    @Test func aRecordThatAPageTellsTwiceIsOneCustomerAsToldLast() throws {
        crm.addMany(3)
        crm.state.withLock { $0.contacts[2]!.fields["title"] = .null }
        echo(2, ["name": "old", "city": "宁波", "title": "经理"], older: 1_000_000)
        let counts = try pull().counts
        #expect((counts.read, counts.created, counts.updated) == (4, 3, 1))
        #expect(try node.value("name", of: node.record("crm:2")) == "n2")
        #expect(try node.value("title", of: node.record("crm:2")) == nil, "what it said before is taken back")
        #expect(try node.status().counts.customers == 3 && node.conflicts().total == 0)
        try StoreLaws.check(node)
    }

    @Test func whatIsKnownIsComparedInAPageThatAlsoTellsWhatComesBehindIt() throws {
        crm.addMany(8)
        #expect(try pull().counts.created == 8)
        crm.addMany(1)
        echo(7, ["name": "old", "title": "经理"], older: 5_000_000)
        let counts = try pull().counts
        #expect((counts.read, counts.created, counts.updated, counts.unchanged) == (10, 1, 0, 9))
        #expect(try node.value("title", of: node.record("crm:7")) == nil, "an index that lags says nothing new")
    }

    @Test func twoRecordsOfAPageThatCarryOneIDAreOneCustomer() throws {
        let ours = try node.add("name=张伟")
        for city in ["杭州", "宁波"] { crm.add(["name": "张伟", "city": .string(city), "external_ref": .string(ours.description)]) }
        #expect(try pull().counts.created == 0)
        #expect(try node.record("crm:1") == ours && node.record("crm:2") == ours)
        #expect(try node.status().counts.customers == 1)
        crm.remove(1)
        fleet.environments[0].advance(microseconds: 60_000_000)
        try node.round(reconciles: true)
        #expect(try !node.show("crm:2").isDeleted && !node.conflicts(of: ours).contains { $0.hasPrefix("delete") }, "one of both is enough to keep it")
        try StoreLaws.check(node)
    }

    @Test func aCustomerIsFoundByAnyOfItsExternalIDsWithinTheTransactionThatMakesIt() throws {
        try node.store.write { writer in
            // It is known by now that nobody has a second name.
            let first = try writer.customer(having: "crm:1")
            #expect(try writer.customer(having: "crm:2") != first)
            let edition = try Edition(writer, author: "a", operation: first)
            try edition.open(first, kind: .person)
            for id in ["crm:1", "crm:2"] {
                try edition.write(.init(field: FieldID.externalIDs.rawValue, element: FieldValue.bytes(text: id)), FieldValue.present, in: first)
            }
            _ = try edition.commit()
            #expect(try writer.customer(having: "crm:2") == first)
            #expect(try writer.records(named: "crm:2") == [first])
        }
    }

    // MARK: Several pages

    @Test func pagesThatComeAtOnceAreWrittenTogether() throws {
        crm.addMany(230)
        let (counts, kept) = try pull()
        #expect(counts.created == 230)
        #expect(kept == [230])
        #expect(try pull().counts.created == 0)
        try StoreLaws.check(node)
    }

    @Test func aPageWaitsASecondAtMost() throws {
        crm.addMany(230)
        crm.state.withLock { $0.delayMicroseconds = 600_000 }
        #expect(try pull().kept == [100, 200, 230])
    }

    @Test func whatCameBeforeAFailureIsNotAskedForAgain() throws {
        crm.addMany(230)
        crm.state.withLock { $0.statuses = [0, 0] + Array(repeating: 503, count: 20) }
        #expect(throws: ConnectorError.self) { try pull() }
        #expect(try node.status().counts.customers == 100)
        crm.state.withLock { $0.statuses = [] }
        _ = crm.requests()
        let counts = try pull().counts
        #expect((counts.read, counts.created) == (130, 130))
        #expect(crm.requests() == 3)
        try StoreLaws.check(node)
    }

    @Test func aPageThatNamesARecordThatWaitsIsComparedWithIt() throws {
        crm.addMany(60)
        echo(7, after: 50, ["name": "old", "city": "宁波"], older: 5_000_000)
        let (counts, kept) = try pull()
        #expect((counts.read, counts.created, counts.updated, counts.unchanged) == (61, 60, 0, 1))
        #expect(kept == [50, 61])
        #expect(try node.value("name", of: node.record("crm:7")) == "n7", "an index that lags says nothing new")
    }

    // MARK: Pages that do not follow

    /// Empties the system after so many requests, so that what never ended would end.
    private func empty(after count: Int) {
        let asked = Mutex(0), crm = crm
        crm.state.withLock { state in
            state.asked = { [weak crm] _ in
                if asked.withLock({ $0 += 1; return $0 }) == count { crm?.state.withLock { $0.contacts = [:] } }
            }
        }
    }

    @Test(arguments: ["after={after}": "{after}", "start={offset}": "{offset}", "number={page}": "{page}"])
    func aPlaceThatIsTakenNoNoticeOfEndsThePull(_ parameter: String, _ place: String) throws {
        _ = try node.mapConnector("crm", text: SmallCRM.mapping.replacing("after={after}", with: parameter))
        crm.state.withLock { $0.unheeded = ["after"] }
        crm.addMany(60)
        empty(after: 10)
        let error = #expect(throws: ConnectorError.self) { try pull() }
        #expect(error == ConnectorError("crm.repeated-page", ["object": "contacts", "place": place], retry: .afterSomeoneActs))
        #expect(crm.requests() == 2)
        #expect(try node.status().counts.customers == 50, "what has come is kept")
        try StoreLaws.check(node)
    }

    @Test func whoMendsTheMappingReadsTheRest() throws {
        _ = try node.mapConnector("crm", text: SmallCRM.mapping.replacing("after={after}", with: "start={offset}"))
        crm.addMany(160)
        empty(after: 10)
        #expect(throws: ConnectorError.self) { try pull() }
        _ = try node.mapConnector("crm", text: SmallCRM.mapping)
        crm.state.withLock { $0.asked = { _ in } }
        #expect(try pull().counts.created == 110)
        // What all ids are compared with never ends either, and nobody is gone by that.
        crm.state.withLock { $0.unheeded = ["after"] }
        empty(after: 10)
        let error = #expect(throws: ConnectorError.self) { try node.round(reconciles: true) }
        #expect(error?.code == "crm.repeated-page")
        crm.state.withLock { $0.unheeded = [] }
        #expect(try node.round(reconciles: true).gone == 0)
        try StoreLaws.check(node)
    }

    @Test func aPageThatOverlapsTheOneBeforeItIsNone() throws {
        crm.addMany(60)
        crm.state.withLock { state in
            for id in 1...50 { state.echoes.append((50, id, state.contacts[id]!)) }
        }
        #expect(try pull().counts.created == 60, "of a page of which only a part is new that part counts")
    }
}

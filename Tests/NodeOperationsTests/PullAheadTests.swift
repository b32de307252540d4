import Causality
import Connectors
import FleetSupport
import Foundation
import LoopbackServing
import NodeOperations
import ProfileModel
import ProfileStore
import Synchronization
import Testing

/// The pages that are read while the one before them is compared and written.
@Suite("Pages are read ahead")
struct PullAheadTests {
    private let fleet: TestFleet
    private let crm: SmallCRM
    private var node: Node { fleet[0] }

    init() throws {
        fleet = try TestFleet(1)
        crm = SmallCRM(fleet.environments[0])
        try fleet[0].add(crm)
    }

    /// Does something at the first, the second … request before it is answered.
    private func whenAsked(_ body: @escaping @Sendable (_ number: Int) -> Void) {
        let count = Mutex(0)
        crm.state.withLock { state in
            state.asked = { _ in body(count.withLock { $0 += 1; return $0 }) }
        }
    }

    private func answerAsEver() { crm.state.withLock { ($0.asked, $0.statuses) = ({ _ in }, []) } }

    private func pull(_ node: Node, _ name: String = "crm", sleep: @escaping @Sendable (Int64) -> Void = { _ in }, kept: @escaping (Int) -> Void = { _ in }) throws -> ConnectorCounts {
        var options = ConnectorOptions()
        options.sleep = sleep
        options.progress = { kept($0.read) }
        return try node.pullConnector(name, options: options)
    }

    /// Waits for something that another thread does; false where it does not within ten seconds.
    private static func waits(for isDone: () -> Bool) -> Bool {
        for _ in 0..<10_000 {
            if isDone() { return true }
            usleep(1_000)
        }
        return false
    }

    // MARK: While a page is under way

    @Test func aPageIsWrittenWhileTheNextIsUnderWay() throws {
        crm.addMany(120)
        let written = Mutex(0), wasWritten = Mutex(false), environment = fleet.environments[0]
        whenAsked { number in
            guard number == 2 else { return }
            environment.advance(microseconds: 2_000_000)
            let isDone = PullAheadTests.waits { written.withLock(\.self) == 50 }
            wasWritten.withLock { $0 = isDone }
        }
        let counts = try pull(node, kept: { read in written.withLock { $0 = read } }), isKept = wasWritten.withLock(\.self)
        #expect(counts.created == 120)
        #expect(isKept, "the first page is on disk before the second has come")
    }

    /// Also where the system has users, of whom none is named.
    @Test(arguments: ["", "\nfield\towner\towner\tboth\tignore\tuser\tmanual"])
    func twoPagesAreReadWhileOneIsWrittenAndNoMore(further: String) throws {
        try node.add(crm, name: "further", mapping: SmallCRM.mapping + further)
        crm.addMany(330)
        // What the second page tells was told by the first, which is therefore written before it.
        crm.state.withLock { $0.echoes.append((50, 7, $0.contacts[7]!)) }
        let asked = Mutex(0), wasAsked = Mutex((false, 0))
        whenAsked { number in asked.withLock { $0 = number } }
        let counts = try pull(node, "further", kept: { read in
            guard read == 50 else { return }
            let isAsked = PullAheadTests.waits { asked.withLock(\.self) == 4 }
            usleep(100_000)
            let number = asked.withLock(\.self)
            wasAsked.withLock { $0 = (isAsked, number) }
        })
        let (isAsked, number) = wasAsked.withLock(\.self)
        #expect((counts.read, counts.created) == (331, 330))
        #expect(isAsked, "the third page and the fourth are read while the first is written")
        #expect(number == 4, "two pages wait at most")
        let lines = crm.state.withLock(\.requests)
        #expect(lines.count == 7 && Set(lines).count == 7)
    }

    @Test func newCustomersAreFoundWhileAPageIsUnderWay() throws {
        crm.addMany(4_100)
        try node.add(crm, name: "wide", mapping: SmallCRM.mapping.replacing("page-size\t50", with: "page-size\t2000"))
        let store = node.store, wasFound = Mutex(false)
        whenAsked { number in
            guard number == 3 else { return }
            let isFound = PullAheadTests.waits { (try? store.read { try $0.node().indexed >= 4_000 }) ?? false }
            wasFound.withLock { $0 = isFound }
        }
        var options = ConnectorOptions()
        options.sleep = { _ in }
        let counts = try node.pullConnector("wide", options: options), isFound = wasFound.withLock(\.self)
        #expect(counts.created == 4_100)
        #expect(isFound, "two pages are in the search index before the third has come")
        #expect(try node.find("n4100").rows.count == 1 && node.find("n17").rows.count > 0)
    }

    @Test func nothingIsAskedForBehindTheLastPageAndNothingTwice() throws {
        crm.addMany(230)
        #expect(try pull(node).created == 230)
        let lines = crm.state.withLock(\.requests)
        #expect(lines.count == 5 && Set(lines).count == 5)
        try StoreLaws.check(node)
    }

    // MARK: Failures

    @Test func aFailureBehindAPageKeepsThePage() throws {
        crm.addMany(120)
        crm.state.withLock { $0.statuses = [0] + Array(repeating: 503, count: 20) }
        #expect(throws: ConnectorError.self) { try pull(node) }
        #expect(try node.status().counts.customers == 50)
        answerAsEver()
        _ = crm.requests()
        let counts = try pull(node)
        #expect((counts.read, counts.created) == (70, 70))
        #expect(crm.requests() == 2)
    }

    @Test func aCancelledRoundKeepsWhatHasComeAndAsksNothingMore() throws {
        crm.addMany(230)
        let isCancelled = Mutex(false)
        let node = Node(store: node.store, author: node.author) { isCancelled.withLock(\.self) }
        whenAsked { number in if number == 3 { isCancelled.withLock { $0 = true } } }
        #expect(throws: ConnectorError("crm.cancelled")) { try pull(node) }
        #expect(crm.requests() == 3)
        #expect(try node.status().counts.customers == 150, "the page that was under way has come")
        isCancelled.withLock { $0 = false }
        answerAsEver()
        let counts = try pull(node)
        #expect((counts.read, counts.created) == (80, 80))
        #expect(crm.requests() == 2)
        try StoreLaws.check(node)
    }

    @Test func aCancelledRoundDoesNotWaitForItsNextAttempt() throws {
        crm.addMany(120)
        let isCancelled = Mutex(false), slept = Mutex(0)
        let node = Node(store: node.store, author: node.author) { isCancelled.withLock(\.self) }
        crm.state.withLock { $0.statuses = [0] + Array(repeating: 503, count: 20) }
        whenAsked { number in if number == 2 { isCancelled.withLock { $0 = true } } }
        #expect(throws: ConnectorError("crm.cancelled")) { try pull(node, sleep: { _ in slept.withLock { $0 += 1 } }) }
        let naps = slept.withLock(\.self)
        #expect(naps == 0)
        #expect(try node.status().counts.customers == 50)
    }

    @Test func aPlaceThatStandsStillIsNotAskedForTwice() throws {
        let page: JSON = [
            "results": [["id": "1", "properties": ["firstname": "n1"], "updatedAt": "2026-01-01T00:00:00Z"]], "paging": ["next": ["after": "same"]],
        ]
        let requests = Mutex(0)
        let server = LoopbackServer { connection in
            while connection.readRequest() != nil {
                requests.withLock { $0 += 1 }
                if !connection.answer(page.bytes, status: "200 OK", fields: ["Content-Type: application/json"]) { return }
            }
        }
        _ = try node.addConnector(
            name: "still", system: "hubspot", url: server.url, secret: ConnectorSecret(text: "secret"),
            mapping: "object\tcontacts\tperson\nfield\tname\tfirstname\tin\tignore\ttext\tmanual\n")
        var options = ConnectorOptions()
        options.sleep = { _ in }
        let error = #expect(throws: ConnectorError.self) { try node.pullConnector("still", options: options) }
        #expect(error?.code == "crm.unreadable-answer")
        let count = requests.withLock(\.self)
        #expect(count == 2)
        #expect(try node.status().counts.customers == 1, "what has come is kept")
    }
}

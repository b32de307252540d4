import Connectors
import FleetSupport
import Foundation
import LoopbackServing
import NodeOperations
import ProfileStore
import Synchronization
import Testing

extension DiskFaultTests {
    /// A page is under way when one before it cannot be written: the pull ends once that page has come, asks nothing more, and the next one goes on
    /// behind what is on disk.
    @Test func aPullThatCannotWriteLeavesThePageThatIsUnderWay() throws {
        try FaultyDisk.install()
        defer { FaultyDisk.disarm() }
        let fleet = try TestFleet(1), node = fleet[0], environment = fleet.environments[0], home = node.store.home
        let asked = Mutex(0), answered = Mutex(0), fails = Mutex(true)
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() {
                let number = asked.withLock { $0 += 1; return $0 }
                if number == 3, fails.withLock(\.self) {
                    try? FaultyDisk.arm(.ioError, at: 1, in: home)
                    // The two pages before have waited for long enough.
                    environment.advance(microseconds: 2_000_000)
                    for _ in 0..<1_000 where !FaultyDisk.hasStruck { usleep(10_000) }
                    usleep(100_000)
                }
                answered.withLock { $0 += 1 }
                if !connection.answer(Self.page(of: request.line).bytes, fields: ["Content-Type: application/json"]) { return }
            }
        }
        _ = try node.addConnector(
            name: "crm", system: "hubspot", url: server.url, secret: ConnectorSecret(text: "secret"),
            mapping: "object\tcontacts\tperson\nfield\tname\tfirstname\tin\tignore\ttext\tmanual\n")
        var options = ConnectorOptions()
        options.sleep = { _ in }
        #expect(throws: StoreError.self) { try node.pullConnector("crm", options: options) }
        let (requests, answers) = (asked.withLock(\.self), answered.withLock(\.self))
        #expect(FaultyDisk.hasStruck)
        #expect((requests, answers) == (3, 3), "the page under way has come, and none was asked for behind it")
        FaultyDisk.disarm()
        fails.withLock { $0 = false }
        #expect(try node.status().counts.customers == 0)
        #expect(try node.pullConnector("crm", options: options).created == 12)
        let all = asked.withLock(\.self)
        #expect(all == 3 + 6, "what was not written is asked for again")
        try StoreLaws.check(node)
    }

    /// Two contacts of twelve, behind those that a request names.
    private static func page(of line: String) -> JSON {
        let after = line.firstRange(of: "after=").map { line[$0.upperBound...].prefix { $0.isNumber } }.flatMap { Int($0) } ?? 0
        let contacts = (after + 1...after + 2).map { id -> JSON in
            ["id": .string("\(id)"), "properties": ["firstname": .string("n\(id)")], "updatedAt": "2026-01-01T00:00:00Z"]
        }
        let paging: JSON = after + 2 < 12 ? ["next": ["after": .string("\(after + 2)")]] : .null
        return ["results": .array(contacts), "paging": paging]
    }
}

@testable import Connectors
import CurlHTTP
import LoopbackServing
import ProfileModel
import Synchronization
import Testing

@Suite("Address books")
final class CardDAVTests {
    private let book = SmallBook()
    private let mapping: ConnectorMapping
    private lazy var system = try! open()
    private var people: MappedObject { mapping[object: "people"]! }
    private var organizations: MappedObject { mapping[object: "organizations"]! }

    init() throws { mapping = try CRMSystems.standardMapping("carddav").edited("people.page-size=3") }

    /// The same as another process has it.
    private func open(secret: String = "sales:secret") throws -> any CRMSystem {
        try CRMSystems.open(
            "carddav", mapping: mapping, baseURL: book.url, secret: ConnectorSecret(text: secret), client: .init(userAgent: "test"),
            surroundings: StillClock().surroundings, keep: { _ in }
        ).system
    }

    private func put(_ name: String, _ shown: String, _ more: String = "") {
        book.put(name, "BEGIN:VCARD\nVERSION:3.0\nUID:\(name)\nFN:\(shown)\n\(more)END:VCARD\n")
    }

    private struct Told {
        var records: [RemoteRecord] = []
        var gone: [String] = []
        var next: PullCursor
        var hasLostDeletes = false

        var ids: [String] { records.map(\.id) }
    }

    private func pull(_ object: MappedObject, from cursor: PullCursor = PullCursor(), _ system: (any CRMSystem)? = nil) throws -> Told {
        var told = Told(next: cursor)
        for _ in 0..<100 {
            let page = try (system ?? self.system).pull(object, from: told.next)
            told.records += page.records
            told.gone += page.tombstones.map(\.id)
            told.next = page.next
            told.hasLostDeletes = told.hasLostDeletes || page.hasLostDeletes
            if !page.hasMore { return told }
        }
        throw Asked.Endless()
    }

    private func update(_ id: String, _ fields: [String: RemoteValue], version: String?) -> PushOperation {
        PushOperation(key: id, action: .update(id: id), fields: fields, ourID: "", version: version)
    }

    private static let ourID = "01a208e7-09a5-7048-aef6-4b3d65ad24a8"

    private func make() throws -> PushOutcome.Result {
        try system.push([PushOperation(key: "k", action: .create, fields: ["FN": .text("李娜")], ourID: Self.ourID)], to: people)[0].result
    }

    // MARK: Reading

    @Test func changesAndEndsAreToldByTheToken() throws {
        for number in 0..<8 { put("c\(number).vcf", "n\(number)") }
        put("org.vcf", "海辰", "ORG:海辰\n")
        var all = try pull(people)
        #expect(all.ids == (0..<8).map { "c\($0).vcf" })
        #expect(all.records.first?.version == "\"1\"")
        #expect(all.hasLostDeletes, "what went before the first token nobody tells")
        _ = book.asked()
        let companies = try pull(organizations)
        #expect(companies.ids == ["org.vcf"])
        #expect(book.asked("REPORT multiget").count == 1, "what was read as people is not asked for again")
        put("c3.vcf", "new")
        book.remove("c5.vcf")
        put("c6.vcf", "海辰", "ORG:海辰\n")
        put("org.vcf", "李娜", "N:李;娜;;;\n")
        all = try pull(people, from: all.next)
        #expect(all.ids == ["c3.vcf", "org.vcf"])
        let changed = try pull(organizations, from: companies.next)
        #expect(changed.ids == ["c6.vcf"] && Set(changed.gone) == ["c3.vcf", "c5.vcf", "org.vcf"], "and the other way round")
        #expect(Set(all.gone) == ["c5.vcf", "c6.vcf"], "what has become an organization is no person any more")
        #expect(!all.hasLostDeletes)
        _ = book.asked()
        #expect(try pull(people, from: all.next).ids.isEmpty)
        #expect(book.asked().count == 1)
    }

    @Test func aReadingThatWasCutGoesOnBehindTheLast() throws {
        for number in 0..<8 { put("c\(number).vcf", "n\(number)") }
        let first = try system.pull(people, from: PullCursor())
        #expect(first.records.count == 3 && first.hasMore)
        put("c1.vcf", "changed")
        put("c7.vcf", "changed")
        let other = try open()
        var rest = try pull(people, from: first.next, other)
        #expect(rest.ids == (3..<8).map { "c\($0).vcf" })
        rest = try pull(people, from: rest.next, other)
        #expect(rest.ids == ["c1.vcf", "c7.vcf"], "what has changed meanwhile is told from the first token on")
    }

    @Test func aReportThatIsCutIsReadToItsEnd() throws {
        for number in 0..<8 { put("c\(number).vcf", "n\(number)") }
        book.state.withLock { $0.cut = 5 }
        #expect(try pull(people).ids.count == 8)
    }

    @Test(arguments: ["403 Forbidden", "410 Gone", "409 Conflict", "507 Insufficient Storage", "412 Precondition Failed"])
    func aTokenThatIsNoLongerTakenHasVersionsCompared(_ refusal: String) throws {
        put("a.vcf", "a")
        let known = try pull(people).next
        put("b.vcf", "b")
        book.state.withLock { ($0.oldest, $0.refusal) = (2, refusal) }
        let all = try pull(people, from: known)
        #expect(all.ids.isEmpty && all.gone.isEmpty && all.hasLostDeletes)
        let verified = try system.verify(people, after: nil)
        #expect(verified.versions == ["a.vcf": "\"1\"", "b.vcf": "\"2\""])
        put("c.vcf", "c")
        #expect(try pull(people, from: all.next).ids == ["c.vcf"], "from there on the new token tells")
    }

    @Test func aServerWithoutReportsIsComparedEachTime() throws {
        put("a b.vcf", "a")
        book.state.withLock { $0.hasReports = false }
        var all = try pull(people)
        #expect(all.ids.isEmpty && all.hasLostDeletes)
        all = try pull(people, from: all.next)
        #expect(all.hasLostDeletes)
        let ids = try system.verify(people, after: nil).clocks.map(\.id)
        #expect(ids == ["a%20b.vcf"])
        #expect(try system.read(ids, of: people).map { $0.fields["FN"] } == [.text("a")])
    }

    @Test func whatIsNotToldOfIsNotGone() throws {
        put("a.vcf", "a")
        put("b.vcf", "b")
        book.state.withLock { $0.untold = ["a.vcf"] }
        #expect(try system.read(["a.vcf", "b.vcf", "c.vcf"], of: people).map(\.id) == ["a.vcf", "b.vcf"])
        book.state.withLock { $0.tellsNothing = true }
        #expect(throws: ConnectorError.self) { try system.verify(people, after: nil) }
    }

    @Test func oneBadCardSpoilsNoOther() throws {
        for number in 0..<6 { put("c\(number).vcf", "n\(number)") }
        put("c2.vcf", "control \u{B} character")
        book.put("c4.vcf", "no card at all")
        let records = try pull(people).records
        try #require(records.map(\.id) == (0..<6).map { "c\($0).vcf" })
        #expect(records.map { $0.unreadable?.code } == [nil, nil, nil, nil, "crm.bad-card", nil])
        #expect(records[2].fields["FN"] == .text("control \u{B} character"))
        #expect(try system.push([update("c4.vcf", ["FN": .text("x")], version: records[4].version)], to: people)[0].result == .rejected(Rejection(code: "crm.bad-card")))
        #expect(book.text("c4.vcf") == "no card at all")
    }

    @Test func whoMayNotReadIsToldSo() throws {
        #expect(throws: ConnectorError("crm.unauthorized", retry: .afterSomeoneActs)) { try open(secret: "sales:wrong").pull(people, from: PullCursor()) }
        let named = try open(secret: #"{"user":"sales","password":"secret"}"#)
        #expect(try named.discover().map(\.label) == ["Customers", "Customers"])
    }

    // MARK: Writing

    @Test func whatDiffersIsChangedOverTheVersionThatWasRead() throws {
        put("a.vcf", "张伟", "N:张;伟;;;\nPHOTO;ENCODING=b:QUJD\nitem1.X-Odd;Y=\"z:\":1\\,2\nTEL;TYPE=WORK:1\n")
        let version = try #require(try system.read(["a.vcf"], of: people).first?.version)
        _ = book.asked()
        let before = try #require(book.text("a.vcf"))
        #expect(try system.push([update("a.vcf", ["TITLE": .text("经理")], version: version)], to: people)[0].result == .accepted(id: "a.vcf", record: nil))
        #expect(book.text("a.vcf") == before.replacing("END:VCARD", with: "TITLE:经理\r\nEND:VCARD"))
        #expect(book.asked("PUT") == ["PUT a.vcf if-match \(version)"])
        #expect(try system.push([update("a.vcf", ["TITLE": .text("x")], version: version)], to: people)[0].result == .conflict, "another version stands there")
        let now = try system.read(["a.vcf"], of: people).first?.version
        _ = book.asked()
        #expect(try system.push([update("a.vcf", ["TITLE": .text("经理")], version: now)], to: people)[0].result == .accepted(id: "a.vcf", record: nil))
        #expect(book.asked("PUT").isEmpty, "nothing differs")
        #expect(try system.push([update("none.vcf", ["TITLE": .text("x")], version: nil)], to: people)[0].result == .gone)
    }

    @Test func whatIsMadeIsMadeOnce() throws {
        book.state.withLock { $0.lost = 1 }
        #expect(try make() == .unknown)
        #expect(try system.find(ourIDs: [Self.ourID], of: people).map(\.ourID) == [Self.ourID])
        #expect(try make() == .unknown, "it is there, and is read back")
        #expect(book.state.withLock { $0.written.count } == 1)
        #expect(book.asked("PUT").allSatisfy { $0.hasSuffix("\(Self.ourID).vcf if-none-match *") })
        // A server that calls it otherwise.
        let bytes = Array(book.text("\(Self.ourID).vcf")!.utf8)
        book.remove("\(Self.ourID).vcf")
        book.put("renamed.vcf", bytes)
        #expect(try system.find(ourIDs: [Self.ourID], of: people).map(\.id) == ["renamed.vcf"])
        book.remove("renamed.vcf")
        put("\(Self.ourID).vcf", "somebody else")
        #expect(try make() == .rejected(Rejection(code: "412")))
        #expect(try system.find(ourIDs: [Self.ourID], of: people).isEmpty)
    }

    @Test func whatIsTakenAwayWasReadBefore() throws {
        put("a.vcf", "a")
        func remove(_ version: String) throws -> PushOutcome.Result {
            try system.push([PushOperation(key: "k", action: .delete(id: "a.vcf"), fields: [:], ourID: "", version: version)], to: people)[0].result
        }
        #expect(try remove("\"7\"") == .conflict)
        #expect(try remove("\"1\"") == .accepted(id: "a.vcf", record: nil))
        #expect(try remove("\"1\"") == .conflict)
    }
}

import Causality
import Connectors
import FleetSupport
import LoopbackServing
import NodeOperations
import ProfileModel
import ProfileStore
import Synchronization
import Testing

/// An address book that is kept in step, with what goes wrong there.
struct AddressBookTests {
    private let fleet: TestFleet
    private let book = SmallBook()
    private var node: Node { fleet[0] }

    init() throws {
        fleet = try TestFleet(1)
        _ = try fleet[0].addConnector(name: "book", system: "carddav", url: book.url, secret: ConnectorSecret(text: "sales:secret"))
    }

    private func put(_ name: String, _ shown: String, _ more: String = "") {
        book.put(name, "BEGIN:VCARD\nVERSION:3.0\nUID:\(name)\nFN:\(shown)\n\(more)END:VCARD\n")
    }

    @discardableResult
    private func round() throws -> ConnectorCounts {
        fleet.environments[0].advance(microseconds: 60_000_000)
        return try node.round("book")
    }

    @Test func aTokenThatIsLostLosesNothing() throws {
        for number in 0..<5 { put("c\(number).vcf", "n\(number)") }
        put("org.vcf", "海辰", "ORG:海辰\n")
        #expect(try round().created == 6)
        put("c1.vcf", "changed")
        put("c5.vcf", "n5")
        book.remove("c2.vcf")
        book.state.withLock { $0.oldest = 99 }
        _ = book.asked()
        let counts = try round()
        #expect((counts.created, counts.updated, counts.gone) == (1, 1, 1))
        #expect(book.asked("REPORT multiget").count == 2, "only what has another version is read, and who is missing is asked for")
        #expect(try node.value("name", of: node.record("book:c1.vcf")) == "changed")
        #expect(try node.show("book:c2.vcf").isDeleted)
        #expect(try !node.show("book:org.vcf").isDeleted)
    }

    @Test func aComparisonThatFailsIsMadeUpFor() throws {
        for number in 0..<3 { put("c\(number).vcf", "n\(number)") }
        try round()
        put("c1.vcf", "changed")
        book.remove("c2.vcf")
        book.state.withLock { ($0.oldest, $0.tellsNothing) = (4, true) }
        #expect(throws: ConnectorError.self) { try round() }
        book.state.withLock { ($0.oldest, $0.tellsNothing) = (0, false) }
        try round()
        #expect(try node.value("name", of: node.record("book:c1.vcf")) == "changed", "the new token is beyond what the old one would have told")
        #expect(try node.show("book:c2.vcf").isDeleted)
    }

    @Test func aServerWithoutReportsIsKeptInStep() throws {
        book.state.withLock { $0.hasReports = false }
        for number in 0..<3 { put("c\(number).vcf", "n\(number)") }
        put("org.vcf", "海辰", "ORG:海辰\n")
        #expect(try round().created == 4)
        _ = book.asked()
        #expect(try round().read == 0)
        #expect(book.asked("GET").isEmpty, "what has the version that was read last is not read, of either kind")
        put("c1.vcf", "changed")
        book.remove("c2.vcf")
        put("c0.vcf", "海辰", "ORG:海辰\n")
        let counts = try round()
        #expect((counts.created, counts.updated, counts.gone) == (0, 2, 2))
        #expect(try node.show("book:c2.vcf").isDeleted)
        #expect(try !node.show("book:c0.vcf").isDeleted, "who has become an organization is the same customer")
    }

    @Test func aBadCardIsOneLetterUntilItIsMended() throws {
        put("a.vcf", "a")
        book.put("bad.vcf", "no card")
        #expect(try round().created == 1)
        let letters = try node.deadLetters(of: ["book"]).filter { $0.letter.object == "people" }
        #expect(letters.map { "\($0.letter.remoteID) \($0.letter.code)" } == ["bad.vcf crm.bad-card"])
        let before = try node.deadLetters(of: ["book"]).count
        try node.round("book", reconciles: true)
        #expect(try node.deadLetters(of: ["book"]).count == before)
        put("bad.vcf", "mended")
        #expect(try round().created == 1)
        #expect(try node.deadLetters(of: ["book"]).isEmpty)
        // A card that was good and is not any more is not gone.
        book.put("a.vcf", "no card")
        try round()
        #expect(try !node.show("book:a.vcf").isDeleted)
        try node.edit(node.record("book:a.vcf"), "title=经理")
        try round()
        #expect(book.text("a.vcf") == "no card")
    }

    @Test func anAnswerThatIsLostMakesNoSecondCard() throws {
        put("a.vcf", "a")
        try round()
        _ = try node.mapConnector("book", edits: ["people.create=all"])
        let record = try node.add(.person, [Assignment("name=李娜")]).id
        try node.edit(node.record("book:a.vcf"), "title=经理")
        book.state.withLock { $0.lost = 2 }
        #expect(try round().made == 0)
        let counts = try round()
        #expect((counts.made, counts.written) == (1, 0))
        #expect(try round().made == 0)
        #expect(book.state.withLock { $0.cards.keys.sorted() } == ["\(record).vcf", "a.vcf"])
        #expect(book.state.withLock { $0.written.count } == 2, "what was done is not done again")
        #expect(try node.record("book:\(record).vcf") == record)
    }

    @Test func somebodyWhoIsQuickerIsReadFirst() throws {
        put("a.vcf", "a", "ADR:;;;杭州;;;\n")
        try round()
        try node.edit(node.record("book:a.vcf"), "city=宁波")
        // After the last look at the card, and before ours is there.
        book.state.withLock { $0.quicker = ("a.vcf", "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:a\r\nADR:;;;上海;;;\r\nEND:VCARD\r\n") }
        #expect(try round().written == 0)
        #expect(book.text("a.vcf")!.contains("上海"), "nobody is overwritten")
        #expect(book.state.withLock { $0.quicker == nil && $0.written.isEmpty })
        try round()
        #expect(book.text("a.vcf")!.contains("上海"))
        #expect(try node.conflicts().total == 1)
        _ = try node.resolveAll(ConflictFilter(), by: .policy(.latest))
        try round()
        try round()
        #expect(try node.conflicts().total == 0)
        let city = try #require(try node.value("city", of: node.record("book:a.vcf")))
        #expect(book.text("a.vcf")!.contains(city))
    }

    @Test func theServersAddressLeadsToTheBook() throws {
        let server = String(book.url.prefix { $0 != "b" })
        let connector = try node.addConnector(name: "found", system: "carddav", url: server, secret: ConnectorSecret(text: "sales:secret"))
        #expect(connector.url == book.url)
        #expect(try node.connectors(named: ["found"]).map(\.url) == [book.url], "it is found once, for all nodes")
        put("a.vcf", "a")
        #expect(try node.round("found").created == 1)
        #expect(throws: ConnectorError.self) {
            try node.addConnector(name: "wrong", system: "carddav", url: server, secret: ConnectorSecret(text: "sales:wrong"))
        }
        #expect(try node.connectors(named: []).map(\.name).sorted() == ["book", "found"])
    }

    @Test func theLinesOfANoteStayLines() throws {
        put("a.vcf", "a", "NOTE:erst\\n- zwei\\n\\ndrei\n")
        try round()
        let record = try node.record("book:a.vcf")
        #expect(try node.value("note", of: record) == "erst\n- zwei\n\ndrei")
        try node.edit(record, "title=经理")
        #expect(try round().written == 1)
        #expect(book.text("a.vcf")!.contains("NOTE:erst\\n- zwei\\n\\ndrei\r\n"))
        try node.edit(record, "note=vier\r\n- fünf\u{2028}\u{2028}sechs")
        #expect(try round().written == 1)
        #expect(book.text("a.vcf")!.contains("NOTE:vier\\n- fünf\\n\\nsechs\r\n"))
        let again = try round()
        #expect((again.written, again.updated) == (0, 0))
        // Older cards have the ends of lines of their maker's system.
        book.put("b.vcf", "BEGIN:VCARD\nVERSION:2.1\nFN:b\nNOTE;QUOTED-PRINTABLE:eins=0D=0Azwei\nEND:VCARD\n")
        try round()
        #expect(try node.value("note", of: node.record("book:b.vcf")) == "eins\nzwei")
        #expect(try node.conflicts().total == 0)
    }
}

import Causality
import Connectors
import CurlHTTP
import FleetSupport
import Foundation
import MergeVectors
import NodeOperations
import ProfileModel
import ProfileStore
import Testing

/// A Radicale that runs for real: `tools/radicale run -- tools/test RadicaleTests`.
@Suite(
    "Radicale for real", .serialized,
    .enabled(if: ProcessInfo.processInfo.environment["LIMN_RADICALE"] != nil, "needs a running Radicale: tools/radicale run -- tools/test RadicaleTests"))
struct RadicaleTests {
    /// A telephone that shares the address book.
    final class Phone {
        let url: String, key: String, folder: String
        private let client = HTTPClient(.init(userAgent: "phone"))

        /// Every test has an address book of its own.
        init() throws {
            let folder = ProcessInfo.processInfo.environment["LIMN_RADICALE"]!
            func text(_ name: String) throws -> String {
                try String(contentsOfFile: folder + "/" + name, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
            }
            self.folder = folder
            key = try text("key")
            let name = "book\(UInt32.random(in: 0...(.max)))", first = try text("url")
            url = first.replacingOccurrences(of: "/customers", with: "/\(name)")
            let place = folder + "/collections/collection-root/sales/" + name
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            try #"{"tag": "VADDRESSBOOK"}"#.write(toFile: place + "/.Radicale.props", atomically: true, encoding: .utf8)
        }

        @discardableResult
        func send(_ method: HTTPRequest.Method, _ name: String, _ body: String? = nil) throws -> HTTPResponse {
            var headers = [HTTPHeader("Authorization", "Basic " + Data(key.utf8).base64EncodedString())]
            if body != nil { headers.append(HTTPHeader("Content-Type", "text/vcard; charset=utf-8")) }
            return try client.send(HTTPRequest(method, url + "/" + name, headers: headers, body: body.map { .bytes(Array($0.utf8)) } ?? .none))
        }

        func put(_ name: String, _ lines: [String]) throws {
            let card = (["BEGIN:VCARD", "VERSION:3.0", "UID:\(name)"] + lines + ["END:VCARD", ""]).joined(separator: "\r\n")
            let response = try send(.put, name, card)
            if !response.isSuccess { throw Disagreement("Radicale answered \(response.status)") }
        }

        func lines(_ name: String) throws -> [String] {
            let response = try send(.get, name)
            return response.isSuccess ? String(decoding: response.body, as: UTF8.self).replacingOccurrences(of: "\r\n", with: "\n").components(separatedBy: "\n") : []
        }

        /// Puts a line in the place of those that begin so, or takes them away.
        func set(_ name: String, _ start: String, _ line: String?) throws {
            var lines = try lines(name).filter { !$0.hasPrefix(start) && !$0.isEmpty }
            guard lines.count > 2 else { return }
            if let line { lines.insert(line, at: lines.count - 1) }
            try send(.put, name, lines.joined(separator: "\r\n") + "\r\n")
        }

        func city(_ name: String) throws -> String? {
            try lines(name).first { $0.hasPrefix("ADR") }.map { $0.components(separatedBy: ":")[1].components(separatedBy: ";")[3] }
        }

        func tags(_ name: String) throws -> Set<String> {
            try lines(name).first { $0.hasPrefix("CATEGORIES:") }.map { Set($0.dropFirst(11).components(separatedBy: ",")) } ?? []
        }

        /// Has all tokens forgotten.
        func forgetTokens() throws {
            let place = folder + "/collections/collection-root/sales/" + url.components(separatedBy: "/").last! + "/.Radicale.cache"
            try FileManager.default.removeItem(atPath: place)
        }
    }

    private let fleet: TestFleet
    private let phone: Phone
    private let name = "phones"
    private var node: Node { fleet[0] }

    init() throws {
        fleet = try TestFleet(2)
        phone = try Phone()
        try tick()
        _ = try fleet[0].addConnector(name: name, system: "carddav", url: phone.url + "/", secret: ConnectorSecret(text: phone.key))
    }

    private func tick() throws {
        for environment in fleet.environments { environment.set(nowMicroseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
    }

    @discardableResult
    private func round(reconciles: Bool = false) throws -> ConnectorCounts {
        try tick()
        return try node.round(name, reconciles: reconciles)
    }

    // MARK: Where the book is

    @Test func theServerLeadsToTheBookAndListsSeveral() throws {
        let server = phone.url.components(separatedBy: "/").prefix(3).joined(separator: "/"), user = "solo\(UInt32.random(in: 0...(.max)))"
        let error = #expect(throws: ConnectorError.self) {
            try node.addConnector(name: "all", system: "carddav", url: server + "/", secret: ConnectorSecret(text: phone.key))
        }
        #expect(error?.code == "crm.several-address-books")
        let books = error?.parameters["books"]?.split(separator: "\n").map(String.init) ?? []
        #expect(books.contains(server + "/sales/customers/ (Customers)") && books.contains { $0.hasPrefix(phone.url + "/") })
        // Somebody who has one book.
        let place = phone.folder + "/collections/collection-root/\(user)/only"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        try #"{"tag": "VADDRESSBOOK"}"#.write(toFile: place + "/.Radicale.props", atomically: true, encoding: .utf8)
        let users = try #require(FileHandle(forWritingAtPath: phone.folder + "/users"))
        try users.seekToEnd()
        try users.write(contentsOf: Data("\(user):one-book\n".utf8))
        try users.close()
        let connector = try node.addConnector(name: "one", system: "carddav", url: server, secret: ConnectorSecret(text: "\(user):one-book"))
        #expect(connector.url == "\(server)/\(user)/only/")
        #expect(try node.round("one").read == 0)
        #expect(throws: ConnectorError.self) {
            try node.addConnector(name: "no", system: "carddav", url: server, secret: ConnectorSecret(text: "\(user):wrong"))
        }
    }

    private func add(_ card: String, _ shown: String, _ more: [String] = []) throws {
        try phone.put(card, ["FN:\(shown)", "N:\(shown.prefix(1));\(shown.dropFirst());;;", "ADR;TYPE=WORK:;;;杭州;;;", "TEL;TYPE=CELL:139 0000 0000"] + more)
    }

    private func record(_ card: String) throws -> RowID { try node.record("\(name):\(card)") }

    @Test func aCardIsACustomerAndAnEditTravelsBack() throws {
        try add("a.vcf", "张伟", ["item1.EMAIL;TYPE=INTERNET:zw@example.cn", "item1.X-ABLabel:_$!<Work>!$_", "X-ODD;X-P=\"a,b\":c\\,d", "CATEGORIES:VIP", "BDAY:--0412"])
        try phone.put("org.vcf", ["FN:海辰医疗", "N:;;;;", "ORG:海辰医疗", "X-ABShowAs:COMPANY", "URL:https://hc.example.cn/"])
        try phone.put("group.vcf", ["FN:friends", "N:friends;;;;", "X-ADDRESSBOOKSERVER-KIND:group"])
        #expect(try round().created == 2)
        let record = try record("a.vcf"), shown = try node.show(record.description)
        #expect(shown.kind == .person)
        #expect(shown["phone"] == ["+8613900000000"])
        #expect(shown["family_name"] == ["张"])
        #expect(shown["birth_date"].isEmpty, "a birthday without a year is no date")
        #expect(shown.tags == ["VIP"])
        #expect(try node.show("\(name):org.vcf").kind == .organization)
        try tick()
        try node.edit(record, "city=宁波", "phone+=13800000001", "name=张炜")
        #expect(try round().written == 1)
        let lines = try phone.lines("a.vcf")
        #expect(lines.contains("ADR;TYPE=WORK:;;;宁波;;;") && lines.contains("N:张;炜;;;") && lines.contains("TEL;TYPE=CELL:+8613800000001"))
        #expect(lines.contains("TEL;TYPE=CELL:139 0000 0000"), "what is the same stays as it was written")
        #expect(lines.contains("X-ODD;X-P=\"a,b\":c\\,d") && lines.contains("BDAY:--0412") && lines.contains { $0.uppercased().hasPrefix("ITEM1.X-ABLABEL:") })
        for _ in 0..<2 {
            let again = try round()
            #expect((again.updated, again.written) == (0, 0), "the echo is silent")
        }
        try tick()
        try node.edit(record, "phone-=+8613900000000")
        try round()
        #expect(try phone.lines("a.vcf").filter { $0.hasPrefix("TEL") } == ["TEL;TYPE=CELL:+8613800000001"])
        #expect(try node.conflicts(of: record).isEmpty)
    }

    @Test func endsTravelBothWays() throws {
        try add("a.vcf", "张伟")
        try add("b.vcf", "李娜")
        try round()
        try phone.send(.delete, "a.vcf")
        #expect(try round().gone == 1)
        #expect(try node.show("\(name):a.vcf").isDeleted)
        try tick()
        try node.delete("\(name):b.vcf")
        try round()
        #expect(try !phone.lines("b.vcf").isEmpty, "nothing is taken away there unless the mapping says so")
        _ = try node.mapConnector(name, edits: ["people.delete=delete"])
        try round()
        #expect(try phone.lines("b.vcf").isEmpty)
    }

    @Test func bothSidesDisagreeAndSomebodyDecides() throws {
        try add("a.vcf", "张伟")
        try round()
        try tick()
        try node.edit(record("a.vcf"), "city=宁波")
        try phone.set("a.vcf", "ADR", "ADR;TYPE=WORK:;;;上海;;;")
        #expect(try round().written == 0)
        #expect(try node.conflicts().total == 1)
        #expect(try phone.city("a.vcf") == "上海")
        try tick()
        _ = try node.resolveAll(ConflictFilter(), by: .policy(.latest))
        try round()
        #expect(try node.value("city", of: record("a.vcf")) == phone.city("a.vcf"))
        #expect(try node.conflicts().total == 0)
    }

    @Test func whatIsMadeHereIsMadeThereOnce() throws {
        _ = try node.mapConnector(name, edits: ["people.create=all", "organizations.create=all"])
        try tick()
        let record = try node.add(.person, [Assignment("name=李娜"), Assignment("phone=13700000000"), Assignment("company=海辰医疗")]).id
        _ = try node.add(.organization, [Assignment("name=海辰医疗"), Assignment("city=成都")])
        _ = try node.add(.person, [Assignment("phone=13700000009")])
        #expect(try round().made == 3)
        #expect(try round().made == 0)
        let lines = try phone.lines("\(record).vcf")
        #expect(lines.contains("UID:\(record)") && lines.contains("N:李;娜;;;") && lines.contains("ORG:海辰医疗"))
        #expect(try self.record("\(record).vcf") == record)
        #expect(try node.deadLetters(of: [name]).isEmpty)
    }

    @Test func aTokenThatIsForgottenLosesNothing() throws {
        for number in 0..<5 { try add("c\(number).vcf", "客户\(number)") }
        try round()
        try phone.set("c1.vcf", "ADR", "ADR;TYPE=WORK:;;;上海;;;")
        try phone.send(.delete, "c2.vcf")
        try add("c5.vcf", "客户5")
        try phone.forgetTokens()
        let counts = try round()
        #expect((counts.created, counts.updated, counts.gone) == (1, 1, 1))
        try add("c6.vcf", "客户6")
        #expect(try round().created == 1)
    }

    /// Both sides edit at random, another node too; conflicts are decided there; in the end all agree.
    @Test func bothSidesEditUntilTheyAgree() throws {
        let seed = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...100_000)
        var random = SplitMix64(seed: seed)
        let cities = ["杭州", "宁波", "温州", "上海", "苏州"], cards = (0..<6).map { "c\($0).vcf" }
        for (number, card) in cards.enumerated() { try add(card, "客户\(number)") }
        try round()
        try fleet.settle()
        let rounds = ProcessInfo.processInfo.environment["LIMN_ROUNDS"].flatMap { Int($0) } ?? 15
        for _ in 0..<rounds {
            for _ in 0..<4 {
                try tick()
                let card = random.pick(cards), city = random.pick(cities), side = fleet[random.below(2)]
                switch random.below(8) {
                case 0, 1: try phone.set(card, "ADR", "ADR;TYPE=HOME:;;;\(city);;;")
                case 2, 3: try side.edit(record(card), "city=\(city)")
                case 4: try side.edit(record(card), "phone+=1380000\(1_000 + random.below(9))")
                // Each side has tags of its own: of a tag that both touched the later word stands, and there may be two.
                case 5:
                    let tags = try phone.tags(card).symmetricDifference(["there-\(city)"])
                    try phone.set(card, "CATEGORIES", tags.isEmpty ? nil : "CATEGORIES:\(tags.sorted().joined(separator: ","))")
                case 6: try side.edit(record(card), "tags\(random.chance(70) ? "+" : "-")=here-\(city)")
                default:
                    let shown = "客户\(random.below(99))"
                    try phone.set(card, "FN", "FN:\(shown)")
                    try phone.set(card, "N:", "N:客;\(shown.dropFirst());;;")
                }
            }
            if random.chance(20) { try phone.forgetTokens() }
            if random.chance(50) { try round() }
            if random.chance(50) { try fleet.settle() }
            if random.chance(25) { _ = try fleet[1].resolveAll(ConflictFilter(), by: .policy(random.chance(50) ? .latest : .longest)) }
        }
        try fleet.comeToRest("seed \(seed)") { try round() }
        #expect(try node.deadLetters(of: [name]).isEmpty, "seed \(seed)")
        for card in cards {
            let record = try record(card), lines = try phone.lines(card), shown = try node.show(record.description)
            #expect(try node.value("city", of: record) == phone.city(card), "seed \(seed)")
            #expect(try node.value("name", of: record) == lines.first { $0.hasPrefix("FN:") }.map { String($0.dropFirst(3)) }, "seed \(seed)")
            #expect(shown["phone"].count == lines.count { $0.hasPrefix("TEL") }, "seed \(seed)")
            #expect(try Set(shown.tags) == phone.tags(card), "seed \(seed)")
        }
        try fleet.settle()
    }
}

@testable import Connectors
import MergeVectors
import Foundation
import Testing

@Suite("Cards of address books")
struct VCardTests {
    static let object = try! CRMSystems.standardMapping("carddav")[object: "people"]!

    private func card(_ lines: String..., version: String = "3.0") throws -> VCard {
        try VCard(Array((["BEGIN:VCARD", "VERSION:\(version)"] + lines + ["END:VCARD", ""]).joined(separator: "\r\n").utf8))
    }

    private func text(_ card: VCard) -> [String] { String(decoding: card.written, as: UTF8.self).components(separatedBy: "\r\n") }

    private func fields(_ card: VCard) -> RemoteFields { CardRecord.fields(card, Self.object) }

    private func change(_ card: inout VCard, _ fields: [String: RemoteValue]) {
        CardRecord.change(&card, PushOperation(key: "k", action: .update(id: "x"), fields: fields, ourID: ""), .individual, now: 1_767_225_600_000_000)
    }

    @Test func foldsMayCutACharacter() throws {
        var bytes = Array("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:".utf8) + Array("张伟".utf8).prefix(4)
        bytes += Array("\r\n ".utf8) + Array("张伟".utf8).dropFirst(4) + Array("\r\nNO\n\tTE:a\n b\nEND:VCARD".utf8)
        let card = try VCard(bytes)
        #expect(card.text("FN") == "张伟")
        #expect(card.text("NOTE") == "ab")
    }

    @Test func whatIsNotChangedStaysByteForByte() throws {
        let odd = [
            "item1.TEL;type=CELL;type=pref:138 0000 0001", "item1.X-ABLabel:_$!<Mobile>!$_", "X-Odd;X-P=\"a;b:c\";LANGUAGE=zh:v\\,w\\;;x",
            "PHOTO;ENCODING=b;TYPE=JPEG:AAAA\r\n BBBB\r\n  CCCC", "no line at all", ";:", "N:张;伟;;;", "REV;X=y:2020-01-01T00:00:00Z", "AGENT:\r\nBEGIN:VCARD\r\nFN:other\r\nEND:VCARD",
        ]
        let whole = (["BEGIN:VCARD", "VERSION:3.0", "FN:张伟"] + odd + ["END:VCARD", ""]).joined(separator: "\r\n")
        var card = try VCard(Array(whole.utf8))
        #expect(card.written == Array(whole.utf8))
        #expect(try VCard(Array(whole.replacing("\r\n", with: "\n").utf8)).written == Array(whole.utf8), "ends of lines are as the standard has them")
        change(&card, ["ADR.locality": .text("杭州;市"), "TEL[!fax,pager]": .list(["138 0000 0001", "+8613900000002"])])
        let expected = whole.replacing("REV;X=y:2020-01-01T00:00:00Z", with: "REV;X=y:20260101T000000Z")
            .replacing("138 0000 0001\r\n", with: "138 0000 0001\r\nTEL;TYPE=CELL:+8613900000002\r\n")
            .replacing("END:VCARD\r\nEND:VCARD\r\n", with: "END:VCARD\r\nADR:;;;杭州\\;市;;;\r\nEND:VCARD\r\n")
        #expect(String(decoding: card.written, as: UTF8.self) == expected)
        change(&card, ["TEL[!fax,pager]": .list(["+8613900000002", "+8613900000003"])])
        #expect(text(card).contains("item1.TEL;type=CELL;type=pref:+8613900000003"), "a number that is replaced keeps group and label")
    }

    @Test func valuesAreReadWithTypesAndEscapes() throws {
        let card = try card(
            "FN:Zhang\\, Wei", "TEL;TYPE=\"work,voice\";VALUE=uri:tel:+86-571-88886666;ext=5", "TEL;TYPE=WORK,FAX:0571-1", "TEL;PAGER:2", "item2.EMAIL;TYPE=INTERNET:a@b.cn",
            "CATEGORIES:VIP,大\\,客户", "CATEGORIES:third", "ORG:海辰\\;医疗;销售部", "NOTE:a\\nb\\\\c", version: "4.0")
        let told = fields(card)
        #expect(told["FN"] == .text("Zhang, Wei"))
        #expect(told["TEL[!fax,pager]"] == .list(["+86-571-88886666"]))
        #expect(told["TEL[fax]"] == .list(["0571-1"]))
        #expect(told["EMAIL[]"] == .list(["a@b.cn"]))
        #expect(told["CATEGORIES[]"] == .list(["VIP", "大,客户", "third"]))
        #expect(told["ORG.name"] == .text("海辰;医疗"))
        #expect(told["ORG.unit"] == .text("销售部"))
        #expect(told["NOTE"] == .text("a\nb\\c"))
        #expect(told["TITLE"] == .empty, "a card that is read tells what it has not")
    }

    @Test func whatIsSaidOfTheOldValueGoesWithIt() throws {
        var card = try card("FN:a", "ADR;LABEL=\"Hangzhou\";X-P=y:;;;杭州;;;", "ORG;SORT-AS=\"Hai\":海辰", version: "4.0")
        change(&card, ["ADR.locality": .text("宁波"), "ORG.name": .text("海辰")])
        #expect(text(card)[3...4] == ["ADR;X-P=y:;;;宁波;;;", "ORG;SORT-AS=\"Hai\":海辰"])
    }

    @Test func namesOfPhonesAreOneName() throws {
        func name(_ lines: String...) throws -> RemoteValue? {
            try fields(VCard(Array((["BEGIN:VCARD", "VERSION:3.0"] + lines + ["END:VCARD"]).joined(separator: "\n").utf8)))["FN"]
        }
        #expect(try name("FN:伟 张", "N:张;伟;;;") == .text("张伟"))
        #expect(try name("FN:张 伟", "N:张;伟;;;") == .text("张伟"))
        #expect(try name("FN:老张", "N:张;伟;;;") == .text("老张"))
        #expect(try name("FN:Wei Zhang", "N:Zhang;Wei;;;") == .text("Wei Zhang"))
        #expect(try name("FN:", "N:欧阳;娜娜;;;") == .text("欧阳娜娜"))
        #expect(try fields(card("FN:张伟", "N:张伟;;;;"))["N.family"] == nil, "a whole name in one part tells no part")
        var card = try card("FN:张伟", "N:张;伟;;博士;")
        change(&card, ["FN": .text("欧阳娜娜")])
        #expect(text(card)[2...3] == ["FN:欧阳娜娜", "N:欧阳;娜娜;;;"])
        change(&card, ["FN": .text("欧阳娜娜")])
        #expect(text(card)[3] == "N:欧阳;娜娜;;;")
    }

    @Test func datesAreToldAsFarAsTheyAreKnown() throws {
        for (written, told): (String, RemoteValue?) in [
            ("BDAY:19850412", .text("19850412")), ("BDAY:1985-04-12", .text("1985-04-12")), ("BDAY;VALUE=date-and-or-time:19850412T102200Z", .text("19850412")),
            ("BDAY:1985-04", .text("1985-04")), ("BDAY:1985", .text("1985")), ("BDAY:--0412", nil), ("BDAY:---12", nil), ("BDAY:--04", nil),
            ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12", nil), ("BDAY:", .empty),
        ] { #expect(try fields(card("FN:a", written))["BDAY"] == told, "\(written)") }
        for (version, written) in [("3.0", "BDAY:1985-04-12"), ("4.0", "BDAY:19850412")] {
            var card = try card("FN:a", "BDAY;VALUE=text;X-APPLE-OMIT-YEAR=1604:circa", version: version)
            change(&card, ["BDAY": .text("1985-04-12")])
            #expect(text(card)[3] == written)
        }
    }

    @Test func theOldVersionIsReadAndWritten() throws {
        var card = try card(
            "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=BC=A0=", "=E4=BC=9F", "TEL;CELL;PREF:13800000001", "NOTE;QUOTED-PRINTABLE:a=3Bb", version: "2.1")
        #expect(fields(card)["FN"] == .text("张伟"))
        #expect(fields(card)["NOTE"] == .text("a;b"))
        #expect(fields(card)["TEL[!fax,pager]"] == .list(["13800000001"]))
        change(&card, ["FN": .text("李娜"), "TITLE": .text("CEO")])
        let again = try VCard(card.written)
        #expect(fields(again)["FN"] == .text("李娜"))
        #expect(text(card).contains("TITLE:CEO"))
        let gbk: [UInt8] = [0xD5, 0xC5, 0xCE, 0xB0]
        let bytes = Array("BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=GBK:".utf8) + gbk + Array("\nNOTE;CHARSET=none:".utf8) + gbk + Array("\nEND:VCARD".utf8)
        #expect(try fields(VCard(bytes))["FN"] == .text("张伟"))
        #expect(try fields(VCard(bytes))["NOTE"] == .empty, "an unknown set of characters is no text")
    }

    @Test func whatIsNoCardIsRefusedWithAReason() {
        func fault(_ text: String) -> VCard.Fault? { do { _ = try VCard(Array(text.utf8)); return nil } catch { return error } }
        #expect(fault("") == .noCard)
        #expect(fault("<html>") == .noCard)
        #expect(fault("BEGIN:VCARD\nVERSION:3.0\nFN:a") == .noCard)
        #expect(fault("END:VCARD\nBEGIN:VCARD") == .noCard)
        #expect(fault("BEGIN:VCARD\nVERSION:9\nFN:a\nEND:VCARD") == .unknownVersion)
        #expect(fault("BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nEND:VCARD") == .severalCards)
        #expect(fault("BEGIN:VCARD\nVERSION:3.0\n" + String(repeating: "A:b\n", count: 20_001) + "END:VCARD") == .tooLarge)
        #expect(fault("BEGIN:VCARD\nVERSION:3.0\n" + String(repeating: "A", count: 20_000) + ":b\nEND:VCARD") == nil, "one bad line spoils nothing else")
    }

    @Test func quotedPrintableMayBeFoldedTheOtherWayToo() throws {
        for end in ["\n", "\r\n"] {
            let text = ["BEGIN:VCARD", "VERSION:2.1", "FN;QUOTED-PRINTABLE:=E5=BC=A0", " =E4=BC=9F", "NOTE;QUOTED-PRINTABLE:a=0D=0A b=", " c", "END:VCARD"].joined(separator: end)
            let card = try VCard(Array(text.utf8))
            #expect(fields(card)["FN"] == .text("张伟"))
            #expect(fields(card)["NOTE"] == .text("a\r\n b c"))
        }
        var both = try card("NOTE;QUOTED-PRINTABLE:a=", "b", " c=0Ad", "FN:x", version: "2.1")
        #expect(fields(both)["NOTE"] == .text("abc\nd"))
        change(&both, ["NOTE": .text("e")])
        #expect(text(both)[2...] == ["NOTE:e", "FN:x", "END:VCARD", ""])
    }

    @Test func otherPartsOfAnAddressStayAsTheyAreWritten() throws {
        var written = try card("ADR;TYPE=WORK:;;a;b\\q;c\u{F};d\\, e;f\\")
        change(&written, ["ADR.street": .text("x;y")])
        #expect(text(written)[2] == "ADR;TYPE=WORK:;;x\\;y;b\\q;c\u{F};d\\, e;f\\\\")
    }

    /// vCard 3 has no quoted-printable, but cards with it are met, and it holds what no line may.
    @Test func lineBreaksInOtherPartsStayInTheLine() throws {
        var written = try card("ADR;ENCODING=QUOTED-PRINTABLE:=0A;;street;a=0Ab=0D=0Ac=5C=0Ad", "FN:x")
        let before = fields(written)
        change(&written, ["ADR.street": .text("x;y")])
        let after = try fields(VCard(written.written))
        #expect(after["ADR.street"] == .text("x;y"))
        #expect(after["ADR.locality"] == .text("a\nb\r\nc\\\nd"))
        #expect(after["ADR.locality"] == before["ADR.locality"])
    }

    @Test func kindsAreToldApart() throws {
        #expect(try CardRecord.kind(card("FN:a", "KIND:org", version: "4.0")) == .organization)
        #expect(try CardRecord.kind(card("FN:a", "X-ABShowAs:COMPANY")) == .organization)
        #expect(try CardRecord.kind(card("FN:海辰", "ORG:海辰", "N:;;;;")) == .organization)
        #expect(try CardRecord.kind(card("FN:海辰", "ORG:海辰", "N:海;辰;;;")) == .individual)
        #expect(try CardRecord.kind(card("FN:a", "X-ADDRESSBOOKSERVER-KIND:group")) == .other)
        #expect(try CardRecord.kind(card("FN:a")) == .individual)
    }

    /// What is written reads back as it was, under random folds, and random harm is survived.
    @Test func randomCardsReadBackAndHarmedOnesStopNothing() throws {
        let seed = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...100_000)
        var random = SplitMix64(seed: seed)
        let letters = ["张", "伟", "a", "Z", ";", ",", ":", "\\", "\n", "=", "\"", "é", "👩‍💻", "n", "^", ".", "0"]
        func word() -> String {
            let text = (0..<(1 + random.below(60))).map { _ in random.pick(letters) }.joined()
            return "x" + text + "x"
        }
        for _ in 0..<300 {
            let version = random.pick(["3.0", "4.0"])
            var fields: [String: RemoteValue] = ["FN": .text(word().replacing("\n", with: ""))]
            for name in ["TITLE", "NOTE", "ADR.street", "ADR.locality", "ORG.name", "ORG.unit", "X-OWN"] where random.chance(60) { fields[name] = .text(word()) }
            for name in ["TEL[!fax,pager]", "TEL[fax]", "EMAIL[]", "CATEGORIES[]"] where random.chance(60) {
                fields[name] = .list((0..<(1 + random.below(3))).map { "\($0)" + word() })
            }
            let operation = PushOperation(key: "k", action: .create, fields: fields, ourID: "01a208e7-09a5-7048-aef6-4b3d65ad24a8")
            let card = try CardRecord.creation(operation, .individual, version: version, now: 0)
            var written = card.written
            #expect(String(decoding: written, as: UTF8.self).components(separatedBy: "\r\n").allSatisfy { $0.utf8.count <= 75 }, "seed \(seed)")
            for _ in 0..<random.below(20) {
                // Not between the two bytes of an end, and not where the line before would be joined with the next.
                let place = 12 + random.below(written.count - 24)
                if ![0x0D, 0x0A].contains(written[place]), written[place - 1] != 0x0A, written[place - 1] != 0x0D { written.insert(contentsOf: [0x0D, 0x0A, 0x20], at: place) }
            }
            let again = try VCard(written)
            var object = Self.object
            object.fields.append(MappedField(local: "x", remote: "X-OWN"))
            let told = CardRecord.fields(again, object)
            for (name, value) in fields { #expect(told[name] == value, "seed \(seed): \(name)") }
            #expect(CardRecord.ourID(again) == operation.ourID, "seed \(seed)")
            for _ in 0..<(1 + random.below(12)) {
                let place = random.below(written.count)
                switch random.below(3) {
                case 0: written[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: written.remove(at: place)
                default: written.insert(contentsOf: Array(random.pick(["\r\n", ";", ":", "\"", "BEGIN:VCARD\n", "=", "\\"]).utf8), at: place)
                }
            }
            guard var harmed = try? VCard(written) else { continue }
            _ = CardRecord.fields(harmed, object)
            change(&harmed, fields)
            _ = try? VCard(harmed.written)
        }
    }
}

@testable import Connectors

/// What servers of address books answer: XML with cards in it, and cards as they are.
enum CardTarget: FuzzTarget {
    static let name = "cards"
    static let inputBytesMaximum = 1 << 14

    /// What expat takes, and the names that a document uses.
    private static let bound = MemoryBound(constant: 1 << 20)

    nonisolated(unsafe) private static let object: MappedObject? = try? CRMSystems.standardMapping("carddav")[object: "people"]

    /// What is written into each card, and read back.
    private static let changes: [String: RemoteValue] = ["NOTE": .text("eins\nzwei; drei, vier"), "TITLE": .text("经理"), "ADR.street": .text("a;b")]

    // MARK: Seeds

    private static let cards = [
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:01a208e7-09a5-7048-aef6-4b3d65ad24a8\r\nFN:张伟\r\nN:张;伟;;;\r\nitem1.TEL;TYPE=CELL,\r\n PREF:138 0000 0001\r\nADR;TYPE=WORK:;;南京路 1;上海;;200000;中国\r\n"
            + "BDAY;VALUE=date:1985-04-12\r\nPHOTO;ENCODING=b:QUJD\r\n QUJD\r\nCATEGORIES:VIP,大\\,客户\r\nNOTE:a\\nb\r\nREV:20260101T000000Z\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\nVERSION:4.0\nKIND:org\nFN:海辰\nORG:海辰\\;医疗;销售部\nTEL;VALUE=uri;TYPE=\"voice,home\":tel:+86-138;ext=1\nEMAIL:mailto:a@b.cn\nURL:http://a/\nEND:VCARD\n",
        "BEGIN:VCARD\r\nVERSION:2.1\r\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=BC=A0=\r\n=E4=BC=9F\r\nTEL;CELL;PREF:138\r\nNOTE;QUOTED-PRINTABLE:a=3Bb=0D=0Ac\r\n"
            + "AGENT:\r\nBEGIN:VCARD\r\nVERSION:2.1\r\nFN:b\r\nEND:VCARD\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nVERSION:3.0\r\nADR;ENCODING=QUOTED-PRINTABLE:=0A;;a=0D=0Ab;c=5C=0Ad\r\nORG;QUOTED-PRINTABLE:a=0A;b\r\nN;CHARSET=GBK:\\;;=0A\r\nEND:VCARD\r\n",
    ]

    static func seeds() throws -> [[UInt8]] {
        let start = "<?xml version='1.0' encoding='utf-8'?><D:multistatus xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'>"
        let told = cards.enumerated().map { number, card in
            "<D:response><D:href>/books/sales/c%20\(number).vcf</D:href><D:propstat><D:prop><D:getetag>\"\(number)\"</D:getetag><C:address-data>"
                + card.replacing("&", with: "&amp;").replacing("\r", with: "&#13;") + "</C:address-data></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
        }
        let folder = "<D:response><D:href>/dav/</D:href><D:propstat><D:prop><D:displayname>a</D:displayname><D:resourcetype><D:collection/><C:addressbook/></D:resourcetype>"
            + "<D:current-user-principal><D:href>/p/</D:href></D:current-user-principal><C:addressbook-home-set><D:href>http://h/b/</D:href></C:addressbook-home-set></D:prop>"
            + "<D:status>HTTP/1.1 200 OK</D:status></D:propstat><D:propstat><D:prop><D:owner/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>"
        let gone = "<D:response><D:href>/books/sales/x.vcf</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response><D:sync-token>urn:1</D:sync-token>"
        let documents = (told + [folder, gone]).map { start + $0 + "</D:multistatus>" } + [
            "<error xmlns='DAV:'><valid-sync-token/></error>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<multistatus xmlns='DAV:'><response><![CDATA[<]]></response></multistatus>",
        ]
        return documents.map { [0] + Array($0.utf8) } + cards.map { [1] + Array($0.utf8) }
    }

    // MARK: Laws

    static func take(_ bytes: UnsafeRawBufferPointer) throws {
        var input = FuzzInput(bytes)
        let isCard = input.byte() & 1 == 1, content = Array(input.rest)
        if isCard { return try takeCard(content) }
        let answer = try bound.measure(inputBytes: content.count) { try DAVAnswer(content) }
        let whole = try DAVAnswer(content, keepsLarge: true)
        law(answer.resources.map(\.href) == whole.resources.map(\.href) && answer.syncToken == whole.syncToken, "pictures change what else is told")
        for (resource, other) in zip(answer.resources, whole.resources) {
            _ = CardAddress.id(resource.href, "/books/sales")
            _ = WebAddress.resolved(resource.href, against: "https://cloud.example.com/dav/")
            law((resource.card?.count ?? 0) <= (other.card?.count ?? 0), "a card without its pictures is longer")
            if let card = resource.card { try? takeCard(card) }
            if let card = other.card { try? takeCard(card) }
        }
    }

    private static func takeCard(_ bytes: [UInt8]) throws {
        guard let object else { fatalError("there is a mapping for address books") }
        let card = try bound.measure(inputBytes: bytes.count) { try VCard(bytes) }
        let told = CardRecord.fields(card, object), kind = CardRecord.kind(card)
        _ = CardRecord.ourID(card)
        law(!card.isChanged, "a card is changed by being read")
        let same = read(card.written)
        law(same.map { CardRecord.fields($0, object) } == told, "an unchanged card says something else when it is written")
        law(same?.written == card.written, "a card that is written twice differs")
        // In vCard 2.1 a part that ends with a backslash cannot be told from one that goes on.
        if card.version == "2.1", bytes.contains(UInt8(ascii: "\\")) || String(decoding: bytes, as: UTF8.self).uppercased().contains("=5C") { return }
        var changed = card
        CardRecord.change(&changed, PushOperation(key: "k", action: .update(id: "x"), fields: changes, ourID: ""), kind, now: 1_767_225_600_000_000)
        guard let again = read(changed.written) else { fatalError("a changed card cannot be read") }
        let after = CardRecord.fields(again, object)
        for (name, value) in changes where told.names.contains(name) { law(after[name] == value, "\(name) does not read back") }
        for name in told.names where changes[name] == nil { law(after[name] == told[name], "\(name) is changed by what is beside it") }
    }

    private static func read(_ bytes: [UInt8]) -> VCard? { try? VCard(bytes) }
}

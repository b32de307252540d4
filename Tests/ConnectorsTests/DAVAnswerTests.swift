@testable import Connectors
import Testing

@Suite("Answers of address books")
struct DAVAnswerTests {
    private func answer(_ text: String, keepsLarge: Bool = false) throws -> DAVAnswer { try DAVAnswer(Array(text.utf8), keepsLarge: keepsLarge) }

    @Test func statesOfResourcesAreRead() throws {
        let answer = try answer(
            """
            <?xml version='1.0' encoding='utf-8'?>
            <multistatus xmlns="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav"><sync-token>http://x/1&amp;2</sync-token>
            <response><href>/b/a%20b.vcf</href><propstat><prop><getetag>"1"</getetag><CR:address-data>BEGIN:VCARD&#13;
            FN:a &lt;b&gt;</CR:address-data></prop><status>HTTP/1.1 200 OK</status></propstat>
            <propstat><prop><getlastmodified>never</getlastmodified></prop><status>HTTP/1.1 404 Not Found</status></propstat></response>
            <response><href>/b/gone.vcf</href><status>HTTP/1.1 404 Not Found</status></response></multistatus>
            """)
        #expect(answer.syncToken == "http://x/1&2")
        #expect(answer.resources.map(\.href) == ["/b/a%20b.vcf", "/b/gone.vcf"])
        #expect(answer.resources.map(\.status) == [nil, 404])
        #expect(answer.resources[0].properties == ["getetag": "\"1\""], "what was not found is not there")
        #expect(answer.resources[0].card == Array("BEGIN:VCARD\r\nFN:a <b>".utf8))
        #expect(try self.answer("<error xmlns='DAV:'><valid-sync-token/></error>").conditions == ["valid-sync-token"])
    }

    @Test func picturesAreLeftOutWhereNobodyReadsThem() throws {
        let card = "BEGIN:VCARD\nitem1.PHOTO;ENCODING=b:\(String(repeating: "QUJD\n ", count: 30_000))x\nFN:a\n b\nLOGO:x\nphoto2:y\nEND:VCARD\n"
        let text = "<multistatus xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><response><href>/a</href><propstat><prop><C:address-data>\(card)</C:address-data></prop></propstat></response></multistatus>"
        #expect(try answer(text).resources[0].card == Array("BEGIN:VCARD\nFN:a\n b\nphoto2:y\nEND:VCARD\n".utf8))
        #expect(try answer(text, keepsLarge: true).resources[0].card == Array(card.utf8))
    }

    @Test func hostileDocumentsAreRefused() {
        let laughs = "<!DOCTYPE m [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><multistatus xmlns='DAV:'><sync-token>&b;</sync-token></multistatus>"
        #expect(throws: XMLElements.Fault.declared) { try answer(laughs) }
        #expect(throws: XMLElements.Fault.declared) { try answer("<!DOCTYPE m SYSTEM 'file:///etc/passwd'><multistatus xmlns='DAV:'/>") }
        #expect(throws: XMLElements.Fault.unreadable) { try answer(String(repeating: "<a>", count: 100_000)) }
        #expect(throws: XMLElements.Fault.unreadable) { try answer("<multistatus xmlns='DAV:'><response>") }
        #expect(throws: XMLElements.Fault.unreadable) { try answer("<html><body>Log in</body></html>") }
        #expect(throws: XMLElements.Fault.unreadable) { try answer("") }
        #expect(throws: XMLElements.Fault.unreadable) { try answer("<multistatus xmlns='DAV:'>\u{B}</multistatus>") }
    }

    @Test func addressesOfCardsAreOneHoweverWritten() {
        for href in ["/b/x/a%40b%20c.vcf", "https://h.example/b/x/a@b%20c.vcf", "/b/x/a%40b%20c.vcf?x=1"] {
            #expect(CardAddress.id(href, "/b/x") == "a%40b%20c.vcf")
        }
        for href in ["/b/x/", "/b/x", "https://h.example/b/%78/", "/b/x/folder/", "/b/x/%zz", ""] { #expect(CardAddress.id(href, "/b/x") == nil) }
    }
}

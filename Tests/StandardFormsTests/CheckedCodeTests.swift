import StandardForms
import Testing

/// Codes that carry their own check. The numbers are generated, or examples of the standards.
struct CheckedCodeTests {
    @Test(arguments: [
        ("11010519491231002X", "11010519491231002X", "1949-12-31", "female"), ("11010519491231002x", "11010519491231002X", "1949-12-31", "female"),
        ("440524188001010014", "440524188001010014", "1880-01-01", "male"), ("110105491231002", "11010519491231002X", "1949-12-31", "female"),
    ])
    func residentIdentities(text: String, number: String, birthDate: String, gender: String) throws {
        let identity = try #require(ResidentIdentity(text))
        #expect(identity.number == number && identity.birthDate == birthDate && identity.gender.rawValue == gender)
        #expect(identity.regionCode == String(number.prefix(6)))
    }

    /// A wrong check digit, two digits changed about, a day and a province that there are not, one digit too few.
    @Test(arguments: ["110105194912310021", "11010519491213002X", "110105194913310024", "990105194912310029", "1101051949123100X", "ABCDEFGHIJKLMNOPQR", ""])
    func noResidentIdentities(text: String) { #expect(ResidentIdentity(text) == nil) }

    @Test(arguments: ["91350100M000100Y43", "91350100m000100y43"])
    func creditCodes(text: String) {
        #expect(CreditCode(text)?.code == "91350100M000100Y43")
        #expect(CreditCode(text)?.regionCode == "350100")
    }

    @Test(arguments: ["91350100M000100Y44", "91350100M000101Y43", "91350100I000100Y43", "91350100M000100Y4", ""])
    func noCreditCodes(text: String) { #expect(CreditCode(text) == nil) }

    /// Every single wrong digit is found, and every two neighbours that differ and are changed about.
    @Test func checkDigitsFindSlips() {
        let number = Array("440524188001010014")
        for place in 0..<17 {
            for digit in "0123456789" where digit != number[place] {
                var wrong = number
                wrong[place] = digit
                #expect(ResidentIdentity(String(wrong)) == nil)
            }
            if number[place] != number[place + 1] {
                var wrong = number
                wrong.swapAt(place, place + 1)
                #expect(ResidentIdentity(String(wrong)) == nil)
            }
        }
    }

    @Test(arguments: [
        ("national_id", "11010519491231002x", "11010519491231002X"), ("national_id", "110105491231002", "11010519491231002X"),
        ("national_id", "110105194912310021", "forms.not-an-identity"), ("national_id", "1101051949123100211", "forms.not-an-identity"),
        ("national_id", "E12345678", "E12345678"), ("national_id", "H1234567890", "H1234567890"),
        ("credit_code", "9135 0100 m000100y43", "91350100M000100Y43"), ("credit_code", "91350100M000100Y44", "forms.not-a-credit-code"),
        ("credit_code", "350100400001234", "350100400001234"),
    ])
    func fields(name: String, raw: String, expected: String) { #expect(form(raw, name) == expected) }
}

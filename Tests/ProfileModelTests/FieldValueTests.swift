import ProfileModel
import Testing

struct FieldValueTests {
    static let values: [FieldValue] = [
        .text(""), .text("张伟"), .text("a\nb 😀"), .integer(0), .integer(-1), .integer(.min), .integer(.max), .decimal("0"),
        .decimal("-12.5"), .money(amount: "1000.5", currency: "CNY"), .date("2024-02-29"), .date("2024"), .time(-1),
        .time(1_700_000_000_000_000), .boolean(true), .boolean(false), .json(#"{"a":1}"#),
    ]

    @Test(arguments: values)
    func bytesReadBack(value: FieldValue) {
        #expect(FieldValue(bytes: value.bytes) == value)
        #expect(value.bytes.first == value.tag.rawValue)
    }

    @Test func differentValuesHaveDifferentBytes() {
        #expect(Set(Self.values.map(\.bytes)).count == Self.values.count)
        #expect(FieldValue.text("1").bytes != FieldValue.decimal("1").bytes)
    }

    @Test(arguments: [
        [], [0], [9, 65], [2], [2, 0, 0, 0, 0, 0, 0, 1], [6, 0, 0, 0, 0, 0, 0, 0, 0, 1], [7], [7, 2], [7, 1, 1],
        [4, 0x31], [4, 0x31, 0x20], [4, 0x31, 0x20, 0x43, 0x20, 0x43],
    ] as [[UInt8]])
    func otherBytesAreNoValue(bytes: [UInt8]) { #expect(FieldValue(bytes: bytes) == nil) }

    @Test func plainTexts() {
        #expect(FieldValue.money(amount: "20", currency: "USD").plainText == "20 USD")
        #expect(FieldValue.time(0).plainText == "1970-01-01T00:00:00Z")
        #expect(FieldValue.boolean(false).plainText == "false")
        #expect(FieldValue.plainText(of: [200, 1]) == "0xc801")
        #expect(FieldValue.plainText(of: FieldValue.bytes(text: "张伟")) == "张伟")
    }

    @Test func integersAreBigEndian() {
        #expect(FieldValue.integer(258).bytes == [2, 0, 0, 0, 0, 0, 0, 1, 2])
    }

    @Test func kindsHaveNames() {
        for name in ["person", "organization", "event", "link", "node", "field", "task", "review"] {
            #expect(RowKind(name: name)?.name == name)
        }
        #expect(RowKind(name: "kind-99") == nil)
        #expect(RowKind(rawValue: 99).name == "kind-99")
        #expect(RowKind.person.isCustomer && RowKind.organization.isCustomer && !RowKind.event.isCustomer)
    }
}

import Foundation
import ProfileModel
import StandardForms
import Testing

/// What holds of every form of every field, whatever the text.
struct FormLawTests {
    /// Pieces from which nearly right and quite wrong values are put together.
    private static let pieces = [
        "0", "1", "3", "8", "9", "86", "+", "+86", "00", "010", "138", "2024", "12", "31", "-", "/", ".", ",", ":", " ", "(", ")", "(0)", "T",
        "Z", "a", "B", "x", "é", "e\u{301}", "@", "ext", "转", "年", "月", "日", "万", "亿", "元", "$", "¥", "USD", "%", "e", "I65", "是", "张", "伟",
        "\u{3000}", "\u{200B}", "\n", "１", "：", "http://", "/", "?", "'", "tel:", ";ext=", "\u{7F}", "😀", "İ", "ß",
    ]

    private func generator(_ test: String = #function) -> Numbers {
        let seed = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0 ... .max)
        print("\(test): LIMN_SEED=\(seed)")
        return Numbers(state: seed)
    }

    private static var fieldsOfEveryType: [Field] {
        FieldType.allCases.map { type in
            field(type, type == .choice ? [.choices([.init(name: "a", labels: ["是"]), .init(name: "b2", labels: ["B"])])] : [])
        } + [field(.text, [.maximumLength(20)]), field(.code, [.capitals]), field(.date, [.notInFuture]), field(.decimal, [.range(-3, 12)])]
    }

    @Test(arguments: fieldsOfEveryType)
    func aFormReadsAsItself(field: Field) throws {
        var numbers = generator("aFormReadsAsItself(\(field.type))")
        let form = StandardForm(of: field, now: 1_715_938_200_000_000)
        for _ in 0..<4_000 {
            let raw = (0..<Int.random(in: 1...7, using: &numbers)).map { _ in Self.pieces.randomElement(using: &numbers)! }.joined()
            guard let bytes = try? form.read(raw).get() else { continue }
            let value = try #require(FieldValue(bytes: bytes), "\(raw.debugDescription)")
            #expect(value.tag == field.type.tag)
            #expect(value.bytes == bytes, "\(raw.debugDescription)")
            #expect((try? form.read(value.plainText).get()) == bytes, "\(raw.debugDescription) is \(value.plainText.debugDescription)")
        }
    }

    @Test(arguments: fieldsOfEveryType)
    func anyBytesAreReadOrRefused(field: Field) {
        var numbers = generator("anyBytesAreReadOrRefused(\(field.type))")
        let form = StandardForm(of: field, now: 0)
        for _ in 0..<4_000 {
            let bytes = (0..<Int.random(in: 0...12, using: &numbers)).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            if case .success(let read) = bytes.withUnsafeBufferPointer({ form.read($0) }) {
                #expect(FieldValue(bytes: read)?.bytes == read)
            }
        }
    }

    @Test func wideAndNarrowDigitsAreTheSame() {
        var numbers = generator()
        for type in [FieldType.integer, .decimal, .money, .date, .time, .phone, .email, .code] {
            let form = StandardForm(of: field(type), now: 0)
            for _ in 0..<500 {
                let raw = (0..<8).map { _ in "0123456789-./+@".randomElement(using: &numbers)! }
                let wide = String(String.UnicodeScalarView(raw.map { Unicode.Scalar($0.unicodeScalars.first!.value + 0xFEE0)! }))
                #expect((try? form.read(String(raw)).get()) == (try? form.read(wide).get()), "\(type) \(String(raw))")
            }
        }
    }

    @Test func everyProblemHasATextInBothLanguages() throws {
        let file = URL(filePath: #filePath).appending(path: "../../../schema/messages/forms.txt").standardized
        let blocks = try String(contentsOf: file, encoding: .utf8).split(separator: "\n\n").dropFirst().filter { $0.contains(" exit=") }
        for reason in FormProblem.Reason.allCases {
            let block = try #require(blocks.first { $0.hasPrefix("[\(reason.rawValue)] exit=65\n") }, "\(reason.rawValue)")
            let lines = block.split(separator: "\n")
            #expect(lines.contains { $0.hasPrefix("en: ") } && lines.contains { $0.hasPrefix("zh: ") }, "\(reason.rawValue)")
        }
        #expect(blocks.count == FormProblem.Reason.allCases.count + 1)
    }
}

import Foundation
import ProfileModel
import StandardForms
import Testing

/// The quick answer about normalization form C must never differ from the whole algorithm.
struct NormalizationTests {
    private let form = StandardForm(of: field(.text, [.maximumLength(100)]), now: 0)

    private func agrees(_ text: String) -> Bool {
        (try? form.read(text).get()) == [1] + Array(text.precomposedStringWithCanonicalMapping.utf8)
    }

    @Test func everyCharacterAloneAndBetweenOthers() {
        var wrong: [String] = []
        for value in UInt32(0x21)...0x3_FFFF {
            guard let scalar = Unicode.Scalar(value), isVisible(scalar) else { continue }
            for text in ["\(scalar)", "a\(scalar)b", "\u{1112}\(scalar)", "か\(scalar)", "e\u{323}\(scalar)"] where !agrees(text) {
                wrong.append(String(value, radix: 16))
            }
        }
        #expect(wrong == [])
    }

    @Test func charactersInEveryMixture() {
        let seed = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0 ... .max)
        print("charactersInEveryMixture: LIMN_SEED=\(seed)")
        var numbers = Numbers(state: seed)
        let blocks: [ClosedRange<UInt32>] = [
            0x21...0x7E, 0xA1...0x24F, 0x300...0x36F, 0x370...0x6FF, 0x900...0x9FF, 0x1100...0x11FF, 0x1E00...0x20CF, 0x3041...0x30FF,
            0x4E00...0x4E80, 0xAC00...0xAD00, 0xF900...0xFAD9,
        ]
        for _ in 0..<20_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...6, using: &numbers) {
                let value = UInt32.random(in: blocks.randomElement(using: &numbers)!, using: &numbers)
                if let scalar = Unicode.Scalar(value), isVisible(scalar) { text.append(scalar) }
            }
            if !text.isEmpty { #expect(agrees(String(text)), "\(text.map { String($0.value, radix: 16) })") }
        }
    }

    /// Neither space nor mark that a text loses on purpose.
    private func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .unassigned, .surrogate: false
        default: true
        }
    }
}

/// How texts are divided for the search index, and queries in the same way.
///
/// Words of letters and digits are one token each, in lower case; so are digits. Each Han character, kana and other
/// character of a script without spaces is a token of its own, in order, so that a phrase finds any substring; traditional
/// characters are simplified ones. Full-width forms are folded to half width, Latin letters lose their diacritics (é is e, ß is ss).
public enum SearchText {
    /// Appends the tokens of a text, divided by single spaces, also from what `output` holds already.
    ///
    /// - Complexity: linear; one scan and no allocation of its own for ASCII.
    public static func appendTokens(of utf8: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        var index = 0, isInWord = false
        while index < utf8.count {
            let unit = utf8[index]
            if unit < 0x80 {
                index += 1
                if unit.isDigit || unit.isLetter {
                    if !isInWord { separate(&output) }
                    output.append(unit.lowercased)
                    isInWord = true
                } else {
                    isInWord = false
                }
                continue
            }
            guard let scalar = utf8.scalar(at: &index) else {
                index += 1
                isInWord = false
                continue
            }
            append(scalar, &isInWord, to: &output)
        }
    }

    /// Appends the tokens under which a telephone number in standard form is found: all its digits, of a number of China
    /// also those dialled inside the country and the subscriber's own, and the last four.
    public static func appendPhoneTokens(of utf8: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        guard let first = utf8.first else { return }
        // What follows the number proper is an extension.
        let whole = utf8.prefix { $0 != 0x3B }.filter(\.isDigit)
        guard !whole.isEmpty else { return }
        separate(&output)
        output.append(contentsOf: whole)
        if first == 0x2B, whole.count >= 12, whole[0] == 56, whole[1] == 54 {
            let national = whole[2...]
            separate(&output)
            if national.count == 11, national.first == 49 {
                output.append(contentsOf: national)
            } else {
                output.append(48)
                output.append(contentsOf: national)
                separate(&output)
                output.append(contentsOf: national.dropFirst(national.first == 49 || national.first == 50 ? 2 : 3))
            }
        }
        if whole.count > 4 {
            separate(&output)
            output.append(contentsOf: whole.suffix(4))
        }
    }

    private static func separate(_ output: inout [UInt8]) {
        if let last = output.last, last != 0x20 { output.append(0x20) }
    }

    private static func append(_ scalar: UInt32, _ isInWord: inout Bool, to output: inout [UInt8]) {
        let scalar = NarrowText.narrow(scalar)
        if scalar < 0x80 {
            let unit = UInt8(scalar)
            guard unit.isDigit || unit.isLetter else {
                isInWord = false
                return
            }
            if !isInWord { separate(&output) }
            isInWord = true
            output.append(unit.lowercased)
        } else if standsAlone(scalar) {
            separate(&output)
            output.append(scalar: SimplifiedCharacters.form(of: scalar))
            isInWord = false
        } else if (0xC0...0x17F).contains(scalar), scalar != 0xD7, scalar != 0xF7 {
            if !isInWord { separate(&output) }
            isInWord = true
            output.append(contentsOf: LatinFolding.letters(of: scalar))
        } else if !(0x300...0x36F).contains(scalar) {
            appendOther(scalar, &isInWord, to: &output)
        }
    }

    private static func appendOther(_ value: UInt32, _ isInWord: inout Bool, to output: inout [UInt8]) {
        guard let scalar = Unicode.Scalar(value) else { return }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber:
            if !isInWord { separate(&output) }
            isInWord = true
            output.append(contentsOf: properties.lowercaseMapping.utf8)
        case .nonspacingMark, .spacingMark, .enclosingMark:
            if isInWord { output.append(scalar: value) }
        case .format: break
        default: isInWord = false
        }
    }

    /// Whether a character is of a script that puts no spaces between words.
    static func standsAlone(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0x3005...0x3007, 0x3041...0x3096, 0x30A1...0x30FA, 0xF900...0xFAFF: true
        case 0x2_0000...0x3_FFFF: true
        default: false
        }
    }
}

/// Latin letters without their diacritics.
private enum LatinFolding {
    /// The lower-case letters of U+00C0 to U+017F.
    static func letters(of scalar: UInt32) -> [UInt8] { table[Int(scalar) - 0xC0] }

    private static let table: [[UInt8]] = """
        a a a a a a ae c e e e e i i i i d n o o o o o x o u u u u y th ss a a a a a a ae c e e e e i i i i d n o o o o o x o u u u \
        u y th y a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g g g g g h h h h i i i i i i i i i i ij ij j j k k k \
        l l l l l l l l l l n n n n n n n n n o o o o o o oe oe r r r r r r s s s s s s s s t t t t t t u u u u u u u u u u u u w w \
        y y y z z z z z z s
        """.split(separator: " ").map { Array($0.utf8) }
}

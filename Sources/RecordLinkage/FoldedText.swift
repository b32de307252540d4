/// A text without what people write differently and mean alike: case, accents of Latin letters, full width, space.
enum FoldedText {
    /// Appends the folded form as UTF-16 units; runs of space, hyphens and points become one space where `keepsSpaces`,
    /// and are left out otherwise.
    static func units(of text: String, keepsSpaces: Bool = false) -> [UInt16] {
        var units: [UInt16] = []
        units.reserveCapacity(text.utf8.count)
        for unit in text.utf16 {
            let folded = fold(unit)
            if folded == 0 {
                if keepsSpaces, let last = units.last, last != 0x20 { units.append(0x20) }
            } else if folded == apostrophe {
                continue
            } else {
                append(folded, to: &units)
            }
        }
        if units.last == 0x20 { units.removeLast() }
        return units
    }

    private static let apostrophe: UInt16 = 0x27

    /// The unit in lower case and half width; 0 for what only divides.
    private static func fold(_ unit: UInt16) -> UInt16 {
        switch unit {
        case 0x30...0x39, 0x61...0x7A: unit
        case 0x41...0x5A: unit + 0x20
        case 0x27, 0x60, 0xB4, 0x2018, 0x2019, 0x02BC: apostrophe
        case 0...0x7F, 0xA0...0xBF, 0x2000...0x206F, 0x3000...0x3004, 0x3008...0x3020, 0x30FB, 0xFEFF, 0xD7, 0xF7: 0
        case 0xFF01...0xFF5E: fold(unit - 0xFEE0)
        case 0xFF5F...0xFF65: 0
        default: unit
        }
    }

    private static func append(_ unit: UInt16, to units: inout [UInt16]) {
        guard (0xC0...0x17F).contains(unit) else {
            units.append(unit)
            return
        }
        switch unit {
        case 0xDF: units += [0x73, 0x73]  // ß
        case 0xC6, 0xE6: units += [0x61, 0x65]  // æ
        case 0x152, 0x153: units += [0x6F, 0x65]  // œ
        case 0xDE, 0xFE: units += [0x74, 0x68]  // þ
        default: units.append(UInt16(plainLetters[Int(unit) - 0xC0]))
        }
    }

    /// The letters without marks of U+00C0 to U+017F.
    private static let plainLetters = Array(
        ("aaaaaaaceeeeiiiidnooooo*ouuuuyts" + "aaaaaaaceeeeiiiidnooooo*ouuuuyty" + "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijj"
            + "kkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs").utf8)
}

/// Whether a UTF-16 unit is a Han character.
func isHan(_ unit: UInt16) -> Bool { (0x3400...0x9FFF).contains(unit) || unit == 0x3007 }

/// Whether a UTF-16 unit is a digit 0 to 9.
func isDigit(_ unit: UInt16) -> Bool { (0x30...0x39).contains(unit) }

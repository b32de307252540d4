/// How many columns of a terminal a text takes, and cutting and padding to columns.
///
/// Follows UAX #11 (East Asian Width, Unicode 15): wide and fullwidth characters take two columns, marks and format
/// characters none. Ambiguous characters take one column, as UAX #11 advises where the context is unknown and as
/// terminals that speak UTF-8 do. A sequence joined into one emoji takes two.
package enum DisplayWidth {
    /// The columns that a text takes on one line.
    ///
    /// - Complexity: linear; a text in ASCII costs one look at each byte.
    package static func columns(_ text: some StringProtocol) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.reduce(0) { $0 + columns($1) }
    }

    /// The columns that one character as a reader sees it (a grapheme cluster, UAX #29) takes.
    package static func columns(_ character: Character) -> Int {
        var sum = 0
        var isJoinedEmoji = false
        for scalar in character.unicodeScalars {
            switch scalar.value {
            case 0x200D, 0xFE0F, 0x1F3FB...0x1F3FF: isJoinedEmoji = sum > 0 || isJoinedEmoji
            default: break
            }
            sum += columns(scalar)
        }
        return isJoinedEmoji && character.unicodeScalars.first!.properties.isEmoji ? 2 : sum
    }

    /// The text itself where it fits into `limit` columns, else as much of it as fits before `…`.
    package static func truncated(_ text: String, to limit: Int) -> String {
        guard columns(text) > limit else { return text }
        guard limit > 0 else { return "" }
        var result = ""
        var used = 0
        for character in text {
            let width = columns(character)
            if used + width > limit - 1 { break }
            result.append(character)
            used += width
        }
        return result + "…"
    }

    /// Breaks a text into lines of at most `limit` columns: at spaces, and between wide characters, which Chinese text
    /// breaks at; a closing punctuation mark stays on its line even where that makes it a character too long.
    package static func wrapped(_ text: String, to limit: Int) -> [String] {
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var line = ""
            var used = 0
            for piece in breakable(paragraph) {
                let width = columns(piece)
                let isClosing = piece.count == 1 && closesLine(piece.first!)
                if used > 0, used + columns(piece.trimmedRight()) > limit, !isClosing {
                    lines.append(String(line.trimmedRight()))
                    line = ""
                    used = 0
                }
                line += piece
                used += width
            }
            lines.append(String(line.trimmedRight()))
        }
        return lines
    }

    /// Whether a line must not begin with this punctuation mark.
    static func closesLine(_ character: Character) -> Bool { "，。；：！？、）》」』”’…".contains(character) }

    /// The pieces between which a line may break: words with the space after them, and single wide characters.
    private static func breakable(_ text: Substring) -> [Substring] {
        var pieces: [Substring] = []
        var start = text.startIndex
        var index = text.startIndex
        while index < text.endIndex {
            let next = text.index(after: index)
            let isWide = columns(text[index]) == 2
            if isWide, start < index {
                pieces.append(text[start..<index])
                start = index
            }
            if isWide || text[index] == " " {
                pieces.append(text[start..<next])
                start = next
            }
            index = next
        }
        if start < text.endIndex { pieces.append(text[start...]) }
        return pieces
    }

    private static func columns(_ scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x300 { return value == 0xAD ? 0 : 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        // Vowels and finals of Hangul syllables that are written out in parts join the wide consonant before them.
        if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FB).contains(value) { return 0 }
        return isWide(value) ? 2 : 1
    }

    private static func isWide(_ value: UInt32) -> Bool {
        var low = 0
        var high = wideRanges.count
        while low < high {
            let middle = (low + high) / 2
            if value > wideRanges[middle].last { low = middle + 1 } else { high = middle }
        }
        return low < wideRanges.count && value >= wideRanges[low].first
    }

    /// The code points whose East_Asian_Width is W or F in Unicode 15.0, in order.
    private static let wideRanges: [(first: UInt32, last: UInt32)] = [
        (0x1100, 0x115F), (0x231A, 0x231B), (0x2329, 0x232A), (0x23E9, 0x23EC), (0x23F0, 0x23F0),
        (0x23F3, 0x23F3), (0x25FD, 0x25FE), (0x2614, 0x2615), (0x2648, 0x2653), (0x267F, 0x267F),
        (0x2693, 0x2693), (0x26A1, 0x26A1), (0x26AA, 0x26AB), (0x26BD, 0x26BE), (0x26C4, 0x26C5),
        (0x26CE, 0x26CE), (0x26D4, 0x26D4), (0x26EA, 0x26EA), (0x26F2, 0x26F3), (0x26F5, 0x26F5),
        (0x26FA, 0x26FA), (0x26FD, 0x26FD), (0x2705, 0x2705), (0x270A, 0x270B), (0x2728, 0x2728),
        (0x274C, 0x274C), (0x274E, 0x274E), (0x2753, 0x2755), (0x2757, 0x2757), (0x2795, 0x2797),
        (0x27B0, 0x27B0), (0x27BF, 0x27BF), (0x2B1B, 0x2B1C), (0x2B50, 0x2B50), (0x2B55, 0x2B55),
        (0x2E80, 0x2E99), (0x2E9B, 0x2EF3), (0x2F00, 0x2FD5), (0x2FF0, 0x2FFB), (0x3000, 0x303E),
        (0x3041, 0x3096), (0x3099, 0x30FF), (0x3105, 0x312F), (0x3131, 0x318E), (0x3190, 0x31E3),
        (0x31F0, 0x321E), (0x3220, 0x3247), (0x3250, 0x4DBF), (0x4E00, 0xA48C), (0xA490, 0xA4C6),
        (0xA960, 0xA97C), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE10, 0xFE19), (0xFE30, 0xFE52),
        (0xFE54, 0xFE66), (0xFE68, 0xFE6B), (0xFF01, 0xFF60), (0xFFE0, 0xFFE6), (0x16FE0, 0x16FE4),
        (0x16FF0, 0x16FF1), (0x17000, 0x187F7), (0x18800, 0x18CD5), (0x18D00, 0x18D08), (0x1AFF0, 0x1AFF3),
        (0x1AFF5, 0x1AFFB), (0x1AFFD, 0x1AFFE), (0x1B000, 0x1B122), (0x1B132, 0x1B132), (0x1B150, 0x1B152),
        (0x1B155, 0x1B155), (0x1B164, 0x1B167), (0x1B170, 0x1B2FB), (0x1F004, 0x1F004), (0x1F0CF, 0x1F0CF),
        (0x1F18E, 0x1F18E), (0x1F191, 0x1F19A), (0x1F200, 0x1F202), (0x1F210, 0x1F23B), (0x1F240, 0x1F248),
        (0x1F250, 0x1F251), (0x1F260, 0x1F265), (0x1F300, 0x1F320), (0x1F32D, 0x1F335), (0x1F337, 0x1F37C),
        (0x1F37E, 0x1F393), (0x1F3A0, 0x1F3CA), (0x1F3CF, 0x1F3D3), (0x1F3E0, 0x1F3F0), (0x1F3F4, 0x1F3F4),
        (0x1F3F8, 0x1F43E), (0x1F440, 0x1F440), (0x1F442, 0x1F4FC), (0x1F4FF, 0x1F53D), (0x1F54B, 0x1F54E),
        (0x1F550, 0x1F567), (0x1F57A, 0x1F57A), (0x1F595, 0x1F596), (0x1F5A4, 0x1F5A4), (0x1F5FB, 0x1F64F),
        (0x1F680, 0x1F6C5), (0x1F6CC, 0x1F6CC), (0x1F6D0, 0x1F6D2), (0x1F6D5, 0x1F6D7), (0x1F6DC, 0x1F6DF),
        (0x1F6EB, 0x1F6EC), (0x1F6F4, 0x1F6FC), (0x1F7E0, 0x1F7EB), (0x1F7F0, 0x1F7F0), (0x1F90C, 0x1F93A),
        (0x1F93C, 0x1F945), (0x1F947, 0x1F9FF), (0x1FA70, 0x1FA7C), (0x1FA80, 0x1FA88), (0x1FA90, 0x1FABD),
        (0x1FABF, 0x1FAC5), (0x1FACE, 0x1FADB), (0x1FAE0, 0x1FAE8), (0x1FAF0, 0x1FAF8), (0x20000, 0x2FFFD),
        (0x30000, 0x3FFFD),    ]
}

extension Substring {
    /// The text without the spaces at its end.
    fileprivate func trimmedRight() -> Substring {
        var end = endIndex
        while end > startIndex, self[index(before: end)] == " " { end = index(before: end) }
        return self[startIndex..<end]
    }
}

extension String {
    fileprivate func trimmedRight() -> Substring { self[...].trimmedRight() }

    /// The text with everything replaced that could move the cursor, change colours or reorder what is read:
    /// control characters by `�` (line breaks and tabs by a space), and so the marks that override the direction of text.
    ///
    /// Customers' data comes from anywhere; printed as it is, it could drive the reader's terminal.
    package func printable(keepingLineBreaks: Bool = false) -> String {
        let isSafe = { (scalar: Unicode.Scalar) -> Bool in
            switch scalar.value {
            case 0x0A: keepingLineBreaks
            case ..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: false
            default: true
            }
        }
        if unicodeScalars.allSatisfy(isSafe) { return self }
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar {
            case _ where isSafe(scalar): result.append(scalar)
            case "\n", "\t", "\r", "\u{2028}", "\u{2029}": result.append(" ")
            default: result.append("\u{FFFD}")
            }
        }
        return String(result)
    }
}

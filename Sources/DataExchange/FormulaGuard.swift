/// Keeps a spreadsheet from taking text for a formula.
///
/// Excel, LibreOffice and others run a CSV cell that begins with `=`, `+`, `-`, `@`, a tab or a line break, or with the
/// full-width form of one of those signs (OWASP, "CSV Injection"). Such a cell gets an apostrophe in front, unless it
/// is a plain number (`-12.5`, `+3e4`) or a telephone number of a plus sign, digits and spaces (`+86 138 0013 8000`).
public enum FormulaGuard {
    /// Whether a cell that holds this text needs an apostrophe in front.
    public static func isNeeded(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = text.first else { return false }
        switch first {
        case UInt8(ascii: "+"): return !isNumber(text) && !isPhone(text)
        case UInt8(ascii: "-"): return !isNumber(text)
        case UInt8(ascii: "="), UInt8(ascii: "@"), Byte.tab, Byte.carriageReturn, Byte.lineFeed: return true
        case 0xEF: return text.count >= 3 && text[1] == 0xBC && [0x9D, 0x8B, 0x8D, 0xA0].contains(text[2])
        default: return false
        }
    }

    /// A sign, digits, perhaps a fraction and an exponent.
    static func isNumber(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var rest = text[...]
        func digits() -> Int {
            let before = rest.count
            rest = rest.drop { $0 &- 0x30 < 10 }
            return before - rest.count
        }
        func take(_ bytes: UInt8...) -> Bool {
            guard let first = rest.first, bytes.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        _ = take(UInt8(ascii: "+"), UInt8(ascii: "-"))
        let whole = digits()
        let fraction = take(UInt8(ascii: ".")) ? digits() : 0
        if whole + fraction == 0 { return false }
        if take(UInt8(ascii: "e"), UInt8(ascii: "E")) {
            _ = take(UInt8(ascii: "+"), UInt8(ascii: "-"))
            if digits() == 0 { return false }
        }
        return rest.isEmpty
    }

    private static func isPhone(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let rest = text.dropFirst()
        guard let first = rest.first, first &- 0x30 < 10 else { return false }
        return rest.allSatisfy { $0 &- 0x30 < 10 || $0 == Byte.space }
    }
}

/// Exact decimal numbers as texts, so that no digit is lost to binary fractions.
///
/// The canonical form is `-`? digits (`.` digits)? without needless zeros: `0`, `-2.5`, `1000000`.
public enum DecimalText {
    /// The greatest number of digits, before and after the point together.
    public static let digitsLimit = 38

    /// The canonical form of a number as people write it; nil where it is none or has over 38 digits.
    ///
    /// Reads a sign, digits with `_` between them, a point, and one Chinese unit: 百, 千, 万, 十万, 百万, 千万, 亿, 十亿,
    /// 百亿, 千亿 or 万亿 (萬 and 億 too). `1.5亿` is `150000000`.
    ///
    /// - Complexity: linear in the length of the text.
    public static func canonical(_ text: String) -> String? {
        var rest = text.unicodeScalars[...]
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        guard var whole = takeDigits(&rest) else { return nil }
        var fraction: [UInt8] = []
        if rest.first == "." {
            rest.removeFirst()
            guard let digits = takeDigits(&rest) else { return nil }
            fraction = digits
        }
        guard let power = power(ofUnit: String(rest)) else { return nil }
        for place in 0..<power { whole.append(place < fraction.count ? fraction[place] : UInt8(ascii: "0")) }
        fraction.removeFirst(min(power, fraction.count))

        let zero = UInt8(ascii: "0")
        whole = Array(whole.drop { $0 == zero })
        while fraction.last == zero { fraction.removeLast() }
        guard whole.count + fraction.count <= digitsLimit else { return nil }
        if whole.isEmpty && fraction.isEmpty { return "0" }
        var canonical = isNegative ? "-" : ""
        canonical += whole.isEmpty ? "0" : String(decoding: whole, as: UTF8.self)
        if !fraction.isEmpty { canonical += "." + String(decoding: fraction, as: UTF8.self) }
        return canonical
    }

    /// Whether one canonical number is less than another, exactly.
    ///
    /// - Precondition: both come from `canonical`.
    public static func isLess(_ one: String, _ other: String) -> Bool {
        let (left, right) = (Array(one.utf8), Array(other.utf8))
        let minus = UInt8(ascii: "-")
        switch (left.first == minus, right.first == minus) {
        case (false, false): return isMagnitudeLess(left[...], right[...])
        case (true, true): return isMagnitudeLess(right.dropFirst(), left.dropFirst())
        case (true, false): return true
        case (false, true): return false
        }
    }

    private static func isMagnitudeLess(_ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Bool {
        let point = UInt8(ascii: ".")
        let lengths = (one.prefix { $0 != point }.count, other.prefix { $0 != point }.count)
        // With equally many digits before the point, and a point that sorts before digits, bytes sort as the numbers do.
        return lengths.0 == lengths.1 ? one.lexicographicallyPrecedes(other) : lengths.0 < lengths.1
    }

    /// The digits at the start, without the `_` between them; nil where there are none or a `_` is out of place.
    private static func takeDigits(_ rest: inout Substring.UnicodeScalarView) -> [UInt8]? {
        var digits: [UInt8] = []
        var endsInDigit = false
        while let scalar = rest.first {
            if ("0"..."9").contains(scalar) {
                digits.append(UInt8(scalar.value))
                endsInDigit = true
            } else if scalar == "_", endsInDigit {
                endsInDigit = false
            } else {
                break
            }
            rest.removeFirst()
        }
        return endsInDigit ? digits : nil
    }

    /// The power of ten that a unit stands for: 0 for none, nil for an unknown one.
    private static func power(ofUnit unit: String) -> Int? {
        switch unit {
        case "": 0
        case "百": 2
        case "千": 3
        case "万", "萬": 4
        case "十万", "十萬": 5
        case "百万", "百萬": 6
        case "千万", "千萬": 7
        case "亿", "億": 8
        case "十亿", "十億": 9
        case "百亿", "百億": 10
        case "千亿", "千億": 11
        case "万亿", "萬億": 12
        default: nil
        }
    }
}

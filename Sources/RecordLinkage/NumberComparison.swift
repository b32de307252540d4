/// Telephone numbers as one decimal number each.
enum PhoneDigits {
    /// The digits without what leads to the number: 00, the country code of China, a leading zero. An extension stays out,
    /// as whoever has another one there is another person at the same telephone. 0 where there are fewer than five digits.
    static func parse(_ text: String) -> UInt64 {
        var digits: UInt64 = 0, count = 0
        var hasPlus = false
        for unit in text.utf8 {
            if (0x30...0x39).contains(unit) {
                if count == 18 { break }
                digits = digits * 10 + UInt64(unit - 0x30)
                if digits > 0 { count += 1 }
            } else if unit == 0x2B {
                hasPlus = true
            } else if unit == 0x3B || unit == 0x78 || unit == 0x23 {
                break
            }
        }
        let chinese: UInt64 = 86
        if hasPlus || count == 13, count > 10 {
            let rest = digits % power(count - 2)
            if digits / power(count - 2) == chinese { return rest }
        }
        return count >= 5 ? digits : 0
    }

    /// The mobile number of China by which a box of mail is named, as providers offer it: 13800138000@139.com; 0 for any other box.
    static func mobile(ofMail mail: ArraySlice<UInt16>) -> UInt64 {
        let box = mail.prefix { $0 != 0x40 }
        guard box.count == 11, box.first == 0x31, (0x33...0x39).contains(box[box.startIndex + 1]), box.allSatisfy(isDigit) else { return 0 }
        return box.reduce(0) { $0 * 10 + UInt64($1 - 0x30) }
    }

    private static func power(_ exponent: Int) -> UInt64 { (0..<exponent).reduce(1) { value, _ in value * 10 } }
}

/// Compares telephone numbers: any of one record with any of the other.
enum PhoneComparison {
    static let same: UInt8 = 1, close: UInt8 = 2, different: UInt8 = 3

    /// The best level, and the number that both have.
    @inline(__always)
    static func level(_ a: (UInt64, UInt64, UInt64), _ b: (UInt64, UInt64, UInt64)) -> (level: UInt8, shared: UInt64) {
        if a.0 == 0 || b.0 == 0 { return (0, 0) }
        if a.0 == b.0 || a.0 == b.1 || a.0 == b.2 { return (same, a.0) }
        if a.1 != 0, a.1 == b.0 || a.1 == b.1 || a.1 == b.2 { return (same, a.1) }
        if a.2 != 0, a.2 == b.0 || a.2 == b.1 || a.2 == b.2 { return (same, a.2) }
        if isClose(a.0, b.0) { return (close, 0) }
        if a.1 | b.1 == 0 { return (different, 0) }
        for one in [a.0, a.1, a.2] where one != 0 {
            for other in [b.0, b.1, b.2] where other != 0 && isClose(one, other) { return (close, 0) }
        }
        return (different, 0)
    }

    /// Whether one digit is wrong, two neighbours are exchanged, or one number lacks the area code of the other.
    static func isClose(_ a: UInt64, _ b: UInt64) -> Bool {
        let small = min(a, b), great = max(a, b)
        if small >= 1_000_000, great / 10_000_000_000_000 == 0 {
            if small < 10_000_000, great % 10_000_000 == small { return great >= 1_000_000_000 }
            if small < 100_000_000, great % 100_000_000 == small { return great >= 1_000_000_000 }
        }
        var a = a, b = b, count = 0
        while a != b {
            if a % 10 == b % 10 {
                a /= 10
                b /= 10
                continue
            }
            count += 1
            if count > 1 { return false }
            let isExchange = a % 100 == b % 10 * 10 + b / 10 % 10
            a /= isExchange ? 100 : 10
            b /= isExchange ? 100 : 10
        }
        return count == 1
    }
}

/// Numbers that an authority gives.
enum CodeText {
    /// Letters and digits in lower case; nothing where there are fewer than five.
    static func units(of text: String) -> [UInt16] {
        let units = FoldedText.units(of: text)
        return units.count < 5 ? [] : units
    }
}

/// Compares official codes.
enum CodeComparison {
    static let same: UInt8 = 1, close: UInt8 = 2, different: UInt8 = 3

    @inline(__always)
    static func level(_ a: UInt32, _ b: UInt32, _ codes: TextView) -> UInt8 {
        if a == 0 || b == 0 { return 0 }
        if a == b { return same }
        return editDistance(codes.text(a), codes.text(b), limit: 1) <= 1 ? close : different
    }
}

/// A value in an expression: a text, a number or a date.
public struct Literal: Equatable, Sendable {
    /// How the value is compared.
    public enum Kind: String, Sendable {
        case text, number, date
    }

    public let kind: Kind
    /// The value as typed, with escapes resolved: `001234` or `100万`. A text field compares this.
    public let written: String
    /// What is compared: a number's canonical decimal form (see `DecimalText`), else the same as `written`.
    public let value: String
    /// Where it stands in the text, counted in characters from 1; 0 where it was not parsed.
    public let column: Int

    /// A text.
    public init(text: String, column: Int = 0) {
        (kind, written, value, self.column) = (.text, text, text, column)
    }

    /// A number; nil where `DecimalText` does not read it.
    public init?(number: String, column: Int = 0) {
        guard let decimal = DecimalText.canonical(number) else { return nil }
        (kind, written, value, self.column) = (.number, number, decimal, column)
    }

    /// A date; nil where `DateText` does not know it.
    public init?(date: String, column: Int = 0) {
        guard DateText.precision(of: date) != nil else { return nil }
        (kind, written, value, self.column) = (.date, date, date, column)
    }

    /// A word without quotes: a number or a whole date where it looks like one, else a text.
    init(bareWord word: String, column: Int) {
        if let number = Literal(number: word, column: column) {
            self = number
        } else if let precision = DateText.precision(of: word), precision >= .day,
            let date = Literal(date: word, column: column)
        {
            self = date
        } else {
            self.init(text: word, column: column)
        }
    }

    public static func == (one: Literal, other: Literal) -> Bool {
        one.kind == other.kind && one.written == other.written
    }
}

/// Dates as ISO 8601 texts, which sort as they read: `2024`, `2024-01`, `2024-01-15`, `2024-01-15T08:00:00Z`.
enum DateText {
    enum Precision: Int, Comparable {
        case year, month, day, second

        static func < (one: Precision, other: Precision) -> Bool { one.rawValue < other.rawValue }
    }

    /// How exact a date is; nil where the text is no date of the Gregorian calendar in one of the four shapes. Times are
    /// in UTC, with whole seconds and up to nine digits of a fraction.
    static func precision(of text: String) -> Precision? {
        let bytes = Array(text.utf8)
        guard bytes.count <= 30, let year = number(bytes, 0, 4) else { return nil }
        if bytes.count == 4 { return .year }
        guard bytes[4] == UInt8(ascii: "-"), let month = number(bytes, 5, 2), (1...12).contains(month) else { return nil }
        if bytes.count == 7 { return .month }
        guard bytes[7] == UInt8(ascii: "-"), let day = number(bytes, 8, 2), day >= 1, day <= days(of: month, in: year)
        else { return nil }
        if bytes.count == 10 { return .day }
        return isTime(bytes) ? .second : nil
    }

    /// Whether the bytes from the tenth on are `T08:00:00Z`, perhaps with a fraction of a second.
    private static func isTime(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T"), bytes.last == UInt8(ascii: "Z"),
            let hour = number(bytes, 11, 2), hour < 24, bytes[13] == UInt8(ascii: ":"),
            let minute = number(bytes, 14, 2), minute < 60, bytes[16] == UInt8(ascii: ":"),
            let second = number(bytes, 17, 2), second < 60
        else { return false }
        if bytes.count == 20 { return true }
        let fraction = bytes[20..<(bytes.count - 1)]
        return bytes[19] == UInt8(ascii: ".") && !fraction.isEmpty && fraction.allSatisfy { (48...57).contains($0) }
    }

    private static func days(of month: Int, in year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    /// The number that `count` ASCII digits from `start` make.
    private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int? {
        guard bytes.count >= start + count else { return nil }
        var number = 0
        for byte in bytes[start..<(start + count)] {
            guard (48...57).contains(byte) else { return nil }
            number = number * 10 + Int(byte - 48)
        }
        return number
    }
}

import ProfileModel

/// How a spreadsheet counts days: Excel writes 2024-01-15 as 45306, or as 43844 where a Macintosh made the workbook.
public enum SpreadsheetDates: Sendable {
    case since1900, since1904

    /// Days from the system's day 0 to 1970-01-01. Excel takes 1900 for a leap year, so day 61 and later stand one further.
    var daysBefore1970: Int64 {
        switch self {
        case .since1900: 25_569
        case .since1904: 24_107
        }
    }
}

extension CalendarDate {
    /// Takes the number of a day in a spreadsheet, from 1927 or 1931 to 2099; a time of day behind its point is left out.
    init?(_ reader: inout ByteReader, serialIn system: SpreadsheetDates) {
        guard let days = reader.digits(atMost: 6), days.count == 5, (10_000...73_050).contains(days.value) else { return nil }
        if reader.take(".") { while reader.digits(atMost: 1) != nil {} }
        guard reader.isAtEnd else { return nil }
        let text = Array(Timestamp.dateText(microseconds: (days.value - system.daysBefore1970) * 86_400_000_000).utf8)
        func number(_ range: Range<Int>) -> Int64 { text[range].reduce(0) { $0 * 10 + Int64($1 - 48) } }
        self.init(year: number(0..<4), month: number(5..<7), day: number(8..<10))
    }
}

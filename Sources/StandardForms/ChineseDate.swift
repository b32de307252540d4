import Foundation
import ProfileModel

/// A date in Chinese numerals, or by the lunar calendar: `二〇二四年一月十五日`, `农历1990年八月十五`, `1985年腊月廿三`.
///
/// A date is taken for a lunar one where it says so (农历, 阴历, 旧历), or where only that calendar has its words: 正月, 冬月, 腊月,
/// a leap month, 初一, 廿三. It is brought to the same day of the Gregorian calendar.
struct ChineseDate {
    let year: Int64, month: Int64, day: Int64
    let isLunar: Bool
    private let isLeapMonth: Bool

    private static let names = ["农历", "農曆", "阴历", "陰曆", "旧历", "舊曆"]
    private static let digits: [Character: Int64] = [
        "〇": 0, "零": 0, "○": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
    ]

    init?(_ bytes: UTF8Bytes) {
        var text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace && !"()（）".contains($0) }
        var isLunar = false
        for name in ChineseDate.names where text.contains(name) {
            text = text.replacing(name, with: "")
            isLunar = true
        }
        guard let yearEnd = text.firstIndex(of: "年"), let monthEnd = text[yearEnd...].firstIndex(of: "月"),
            let year = ChineseDate.year(text[..<yearEnd]) else { return nil }
        var month = text[text.index(after: yearEnd)..<monthEnd]
        isLeapMonth = month.first == "闰" || month.first == "閏"
        if isLeapMonth { month = month.dropFirst() }
        var day = text[text.index(after: monthEnd)...]
        if day.last == "日" || day.last == "号" { day = day.dropLast() }
        guard let monthNumber = ChineseDate.month(month), let dayNumber = ChineseDate.day(day) else { return nil }
        self.year = year
        self.month = monthNumber
        self.day = dayNumber
        self.isLunar = isLunar || isLeapMonth || ["正", "冬", "腊", "臘"].contains(String(month)) || day.first == "初" || day.first == "廿"
    }

    private static func year(_ text: Substring) -> Int64? {
        let values = text.compactMap { digits[$0] ?? $0.wholeNumberValue.map(Int64.init) }
        return values.count == 4 && text.count == 4 ? values.reduce(0) { $0 * 10 + $1 } : nil
    }

    private static func month(_ text: Substring) -> Int64? {
        switch text {
        case "正": 1
        case "冬": 11
        case "腊", "臘": 12
        default: number(text).flatMap { (1...12).contains($0) ? $0 : nil }
        }
    }

    private static func day(_ text: Substring) -> Int64? {
        let value = text.first == "初" ? number(text.dropFirst()) : text.first == "廿" ? number(text.dropFirst()).map { 20 + $0 } ?? 20 : number(text)
        return value.flatMap { (1...31).contains($0) ? $0 : nil }
    }

    /// A number below 100: `15`, `十五`, `二十三`.
    private static func number(_ text: Substring) -> Int64? {
        if let value = Int64(text) { return text.utf8.allSatisfy(\.isDigit) ? value : nil }
        let parts = text.split(separator: "十", omittingEmptySubsequences: false)
        func digit(_ part: Substring, empty: Int64) -> Int64? { part.isEmpty ? empty : part.count == 1 ? digits[part.first!] : nil }
        switch parts.count {
        case 1: return parts[0].isEmpty ? nil : digit(parts[0], empty: 0)
        case 2:
            guard let tens = digit(parts[0], empty: 1), let ones = digit(parts[1], empty: 0) else { return nil }
            return tens * 10 + ones
        default: return nil
        }
    }

    /// The day in the Gregorian calendar; nil where the lunar year has no such day.
    var gregorian: CalendarDate? {
        if !isLunar { return CalendarDate(year: year, month: month, day: day) }
        var solar = Calendar(identifier: .gregorian), lunar = Calendar(identifier: .chinese)
        guard let zone = TimeZone(secondsFromGMT: 8 * 3600), (1800...2200).contains(year) else { return nil }
        solar.timeZone = zone
        lunar.timeZone = zone
        // In June the lunar year has begun, and the solar one bears its number.
        guard let june = solar.date(from: DateComponents(year: Int(year), month: 6, day: 15)) else { return nil }
        let known = lunar.dateComponents([.era, .year], from: june)
        var wanted = DateComponents(era: known.era, year: known.year, month: Int(month), day: Int(day))
        wanted.isLeapMonth = isLeapMonth
        guard let date = lunar.date(from: wanted) else { return nil }
        let found = lunar.dateComponents([.year, .month, .day], from: date)
        guard found.month == Int(month), found.day == Int(day), found.isLeapMonth ?? false == isLeapMonth else { return nil }
        let parts = solar.dateComponents([.year, .month, .day], from: date)
        guard let year = parts.year, let month = parts.month, let day = parts.day else { return nil }
        return CalendarDate(year: Int64(year), month: Int64(month), day: Int64(day))
    }
}

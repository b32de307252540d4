import Foundation
import ProfileModel
import Testing

struct TimestampTests {
    /// From `LIMN_SEED` where it is set; printed, so that a failure can be repeated.
    private func generator(_ test: String = #function) -> Numbers {
        let seed = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0 ... .max)
        print("\(test): LIMN_SEED=\(seed)")
        return Numbers(state: seed)
    }

    private static let tenThousandYears: Int64 = 10_000 * 31_556_952

    @Test func textsReadBack() {
        var numbers = generator()
        for _ in 0..<20_000 {
            let seconds = Int64.random(in: -Self.tenThousandYears...Self.tenThousandYears, using: &numbers)
            let microseconds = seconds * 1_000_000 + Int64.random(in: 0..<1_000_000, using: &numbers)
            for instant in [microseconds, seconds * 1_000_000] {
                let text = Timestamp.text(microseconds: instant)
                #expect(Timestamp.microseconds(text) == instant, "\(text)")
            }
        }
    }

    @Test func agreesWithFoundation() {
        var numbers = generator()
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = .gmt
        for _ in 0..<5_000 {
            // The calendar of Foundation may be the Julian one before 1582.
            let seconds = Int64.random(in: -12_000_000_000...Self.tenThousandYears - 62_200_000_000, using: &numbers)
            let date = Date(timeIntervalSince1970: Double(seconds))
            let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
            let fields = [parts.month!, parts.day!, parts.hour!, parts.minute!, parts.second!].map { ($0 < 10 ? "0" : "") + String($0) }
            let year = String(repeating: "0", count: 4 - String(parts.year!).count) + String(parts.year!)
            #expect(Timestamp.text(microseconds: seconds * 1_000_000)
                == "\(year)-\(fields[0])-\(fields[1])T\(fields[2]):\(fields[3]):\(fields[4])Z")
        }
    }

    @Test func daysFollowEachOther() {
        var previous = Timestamp.civil(days: -4_400_000)
        for days in Int64(-4_399_999)...4_400_000 {
            let date = Timestamp.civil(days: days)
            guard Timestamp.daysFromCivil(year: date.year, month: date.month, day: date.day) == days,
                Timestamp.isDate(year: date.year, month: date.month, day: date.day),
                follows(date, previous) else {
                Issue.record("day \(days) is \(date)")
                return
            }
            previous = date
        }
    }

    private func follows(_ b: (year: Int64, month: Int64, day: Int64), _ a: (year: Int64, month: Int64, day: Int64)) -> Bool {
        if Timestamp.isDate(year: a.year, month: a.month, day: a.day + 1) { return b == (a.year, a.month, a.day + 1) }
        return a.month < 12 ? b == (a.year, a.month + 1, 1) : b == (a.year + 1, 1, 1)
    }

    @Test(arguments: [
        ("1970-01-01", 0), ("1970-01-01T00:00:00Z", 0), ("1970-01-01 00:00:01", 1_000_000), ("1970-01-01t00:00:00.5z", 500_000),
        ("1970-01-01T08:00:00+08:00", 0), ("1970-01-01T00:00:00-0130", 5_400_000_000), ("1969-12-31T23:59:59.999999Z", -1),
        ("2000-02-29T00:00", 951_782_400_000_000), ("0000-01-01", -62_167_219_200_000_000),
        ("-0001-12-31", -62_167_305_600_000_000), ("+10000-01-01", 253_402_300_800_000_000),
    ] as [(String, Int64)])
    func formsAreRead(text: String, microseconds: Int64) { #expect(Timestamp.microseconds(text) == microseconds) }

    @Test(arguments: [
        "", "2024", "2024-02-30", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "2024-1-1", "24-01-01",
        "2024-01-01T", "2024-01-01T24:00", "2024-01-01T10:60", "2024-01-01T10:00:00.", "2024-01-01T10:00:00+", "2024-01-01x",
        "2024-01-01T10:00:00Z ", "2024-01-01T10:00+08:0", "+1-01-01", "+999999-01-01", "-999999-01-01", "２０２４-01-01",
    ])
    func othersAreNot(text: String) { #expect(Timestamp.microseconds(text) == nil) }

    @Test func extremesHaveTexts() {
        for instant in [Int64.min, .max, .min + 1, .max - 1] {
            #expect(Timestamp.microseconds(Timestamp.text(microseconds: instant)) == instant)
        }
    }

    @Test func datesAreWhole() {
        #expect(Timestamp.dateText(microseconds: 951_782_400_000_000) == "2000-02-29")
        #expect(Timestamp.dateText(microseconds: 253_402_300_800_000_000) == "+10000-01-01")
    }
}

/// A repeatable source of numbers (SplitMix64).
struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
